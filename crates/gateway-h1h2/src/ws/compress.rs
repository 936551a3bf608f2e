//! Compressing the messages of one direction (RFC 7692 §7.2.1): raw deflate, each piece ending at a
//! byte, and no reference further back than what was agreed.

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};

/// How hard the compressor tries, of 10: what costs little and gains most.
const LEVEL: i32 = 4;
/// A negative window has no header and no checksum around it (raw deflate).
const RAW: i32 = -15;
/// The window that the engine has, as a power of two.
const ENGINE_WINDOW_BITS: u8 = 15;

/// One direction's compressor. It is made with the first compressed message: some 300 KiB.
pub(super) struct Deflate {
    engine: Option<Box<CompressorOxide>>,
    forgets: bool,
    /// The bytes after which it begins anew, where the agreed window is smaller than its own.
    window: Option<usize>,
    /// Bytes since it began anew.
    since: usize,
}

impl Deflate {
    /// `window_bits` as agreed; `forgets` if no message may refer to the ones before it.
    pub(super) fn new(window_bits: Option<u8>, takeover: super::inflate::Takeover) -> Self {
        let bits = window_bits.unwrap_or(ENGINE_WINDOW_BITS);
        Self {
            engine: None,
            forgets: takeover == super::inflate::Takeover::None,
            window: (bits < ENGINE_WINDOW_BITS).then(|| 1 << bits),
            since: 0,
        }
    }

    /// A message begins.
    pub(super) fn begin(&mut self) {
        if self.forgets {
            self.reset();
        }
    }

    /// Compresses `content` and appends it to `out`, up to a byte's end: what is appended ends
    /// with an empty block, `00 00 ff ff`.
    pub(super) fn compress(&mut self, mut content: &[u8], out: &mut Vec<u8>) {
        while let Some(window) = self.window {
            // No reference reaches beyond what the engine has seen since it began anew.
            let (now, later) = content.split_at(content.len().min(window - self.since));
            self.run(now, out);
            content = later;
            if content.is_empty() {
                return;
            }
            self.reset();
        }
        self.run(content, out);
    }

    fn run(&mut self, mut content: &[u8], out: &mut Vec<u8>) {
        self.since += if self.window.is_some() { content.len() } else { 0 };
        let engine = self.engine.get_or_insert_with(|| {
            Box::new(CompressorOxide::new(create_comp_flags_from_zip_params(LEVEL, RAW, 0)))
        });
        loop {
            let (status, taken) = compress_to_output(engine, content, TDEFLFlush::Sync, |piece| {
                out.extend_from_slice(piece);
                true
            });
            content = content.get(taken..).unwrap_or_default();
            // A vector takes what is written, so that one call takes everything.
            if content.is_empty() || status != TDEFLStatus::Okay {
                return;
            }
        }
    }

    fn reset(&mut self) {
        if let Some(engine) = &mut self.engine {
            engine.reset();
        }
        self.since = 0;
    }
}

impl std::fmt::Debug for Deflate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deflate").field("window", &self.window).finish_non_exhaustive()
    }
}
