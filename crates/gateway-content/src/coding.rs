//! Content-codings: their names and their order (RFC 9110, section 8.4).

mod adaptive;
pub(crate) mod adc;
pub(crate) mod autoit;
pub(crate) mod bcj;
pub(crate) mod bcj2;
pub(crate) mod bits;
pub(crate) mod bounded;
pub(crate) mod branch;
mod brotli;
pub(crate) mod bytewise;
pub(crate) mod bzip2;
pub(crate) mod chunked;
pub(crate) mod chunks;
mod code_table;
pub(crate) mod compress;
pub(crate) mod decoder;
mod deflate;
pub(crate) mod deflate64;
pub(crate) mod delimited;
pub(crate) mod egg_blocks;
pub(crate) mod gzip;
pub(crate) mod held;
pub(crate) mod implode;
pub(crate) mod inflate;
pub(crate) mod keyed;
pub(crate) mod lh;
pub(crate) mod lharc;
pub(crate) mod lz4;
pub(crate) mod lzip;
mod lzma;
pub(crate) mod lzma_alone;
pub(crate) mod lzss;
pub(crate) mod lzw;
pub(crate) mod lzx;
pub(crate) mod pieces;
pub(crate) mod ppmd;
pub(crate) mod predictor;
pub(crate) mod prefix_code;
pub(crate) mod quantum;
mod range;
pub(crate) mod rar3;
pub(crate) mod rar5;
mod rar_context;
pub(crate) mod rar_filter;
mod rar_program;
mod rar_slots;
pub(crate) mod ratio;
pub(crate) mod reduce;
pub(crate) mod remains;
pub(crate) mod run_length;
pub(crate) mod shrink;
pub(crate) mod sparse;
pub(crate) mod stepped;
pub(crate) mod transform;
pub(crate) mod up_to;
mod xpress;
pub(crate) mod xxh32;
pub(crate) mod xz;
pub(crate) mod zstd;

use thiserror::Error;

/// A content-coding that can be taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Coding {
    /// `br` (RFC 7932).
    Brotli,
    /// `deflate`: the zlib format (RFC 1950), or the raw deflate (RFC 1951) that some send.
    Deflate,
    /// `gzip` or `x-gzip` (RFC 1952), of any number of members.
    Gzip,
    /// `identity`: nothing to take off.
    Identity,
    /// `zstd` (RFC 8878), of any number of frames, with windows of at most 8 MiB (RFC 9659).
    Zstd,
}

/// Why a Content-Encoding cannot be taken off: the body is
/// [undecodable](crate::BodyInfo::undecodable).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnknownCoding {
    /// It names a coding that is not supported.
    #[error("content coding number {position} is not supported")]
    Unsupported {
        /// Its position in the list, from 0.
        position: usize,
    },
    /// It lists more codings than [`Coding::LIST_MAX`].
    #[error("more than {max} content codings")]
    TooMany {
        /// The bound.
        max: usize,
    },
}

impl Coding {
    /// The Accept-Encoding value that asks for nothing else than what can be taken off.
    pub const SUPPORTED: &'static str = "gzip, deflate, br, zstd";

    /// Codings of one body, at the most.
    pub const LIST_MAX: usize = 4;

    /// Reads the value of Content-Encoding: the codings in the order in which they were applied,
    /// `identity` left out. Several header lines are joined with commas first.
    ///
    /// # Errors
    /// When one is unknown or there are too many.
    ///
    /// ```
    /// use gateway_content::Coding;
    /// assert_eq!(Coding::parse_list(b"Deflate, ,x-gzip"), Ok(vec![Coding::Deflate, Coding::Gzip]));
    /// assert!(Coding::parse_list(b"gzip, compress").is_err());
    /// ```
    pub fn parse_list(content_encoding: &[u8]) -> Result<Vec<Self>, UnknownCoding> {
        let tokens = content_encoding.split(|b| *b == b',').map(<[u8]>::trim_ascii);
        let mut codings = Vec::new();
        for (position, token) in tokens.filter(|token| !token.is_empty()).enumerate() {
            match Self::named(token) {
                Some(Self::Identity) => {}
                Some(_) if codings.len() == Self::LIST_MAX => {
                    return Err(UnknownCoding::TooMany { max: Self::LIST_MAX });
                }
                Some(coding) => codings.push(coding),
                None => return Err(UnknownCoding::Unsupported { position }),
            }
        }
        Ok(codings)
    }

    fn named(token: &[u8]) -> Option<Self> {
        let is = |name: &str| token.eq_ignore_ascii_case(name.as_bytes());
        let named = [
            ("br", Self::Brotli),
            ("deflate", Self::Deflate),
            ("gzip", Self::Gzip),
            ("identity", Self::Identity),
            ("x-gzip", Self::Gzip),
            ("zstd", Self::Zstd),
        ];
        named.into_iter().find(|(name, _)| is(name)).map(|(_, coding)| coding)
    }
}
