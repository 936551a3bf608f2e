//! Archives of formats for which no encoder is at hand, as Python's `lzma` and `zipfile` write them:
//! hex digits of the packed form of [`content`].

/// What they hold.
pub(crate) fn content() -> Vec<u8> {
    [&b"abcdefghij klmnopqrs ".repeat(20)[..], b"MALWARE tail of the text\n"].concat()
}

/// The bytes that the digits stand for.
pub(crate) fn bytes(digits: &str) -> Vec<u8> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.as_bytes().chunks(2).map(pair).collect()
}

/// xz, checked by CRC-32.
pub(crate) const XZ: &str = "fd377a585a0000016922de360200210116000000742fe5a3e001bc00365d00309888983ecbe26f34\
         b3497036257e092618102eb2aa22ef7cdfeae9008d7101ab7a8633d06a5a47254802171953cf9f72\
         2e24aa9a00000000cfaef9b600014ebd030000008adce50c3e300d8b020000000001595a";

/// xz, checked by CRC-64.
pub(crate) const XZ_CRC64: &str = "fd377a585a000004e6d6b4460200210116000000742fe5a3e001bc00365d00309888983ecbe26f34\
         b3497036257e092618102eb2aa22ef7cdfeae9008d7101ab7a8633d06a5a47254802171953cf9f72\
         2e24aa9a00000000c27aeb91c5dc21ff000152bd030000006a1ef178b1c467fb020000000004595a";

/// A `.lzma` file.
pub(crate) const LZMA: &str = "5d00008000ffffffffffffffff00309888983ecbe26f34b3497036257e092618102eb2aa22ef7cdf\
         eae9008d7101ab7a8633d06a5a47254802171953cf9f722e281f56c3fffed1efc0";

/// A ZIP archive with one member `a`, packed by LZMA.
pub(crate) const ZIP_LZMA: &str = "504b03043f0002000e0000002100cfaef9b645000000bd0100000100000061090405005d00008000\
         00309888983ecbe26f34b3497036257e092618102eb2aa22ef7cdfeae9008d7101ab7a8633d06a5a\
         47254802171953cf9f722e281f56c3fffed1efc0504b01023f033f0002000e0000002100cfaef9b6\
         45000000bd01000001000000000000000000000080010000000061504b050600000000010001002f\
         000000640000000000";
