//! Archives of formats for which no encoder is at hand, as Python's `lzma` and `zipfile`, ARJ, PKZIP and RAR
//! write them: hex digits of the packed form of [`content`], for RAR of [`lines`], for PKZIP of [`title`].

/// What they hold.
pub(crate) fn content() -> Vec<u8> {
    [&b"abcdefghij klmnopqrs ".repeat(20)[..], b"MALWARE tail of the text\n"].concat()
}

/// What members of RAR archives hold in the tests of Python's package `rarfile`.
pub(crate) fn lines() -> Vec<u8> {
    (0..512).flat_map(|n| format!("{n:03}\n").into_bytes()).collect()
}

/// How Hamlet begins, as Project Gutenberg has it.
pub(crate) fn title() -> Vec<u8> {
    let text = "\u{feff}\r\nProject Gutenberg EBook of Hamlet, by William Shakespeare\r\n\r\n\
                This eBook is for the use of anyone anywhe";
    text.as_bytes().to_vec()
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

/// An ARJ archive with the member `content`, packed by method 1.
pub(crate) const ARJ: &str = "60ea2a00220b0102100002f7831a086b831a086b0000000000000000000000000000000000007331\
         2e61726a0000a19442c2000060ea37002e0b010210010083831a086b3a000000bd010000cfaef9b6\
         0000a411000000000000831a086b831a086b00000000636f6e74656e74000044ff116c0000003048\
         72b4aff67b803ee067f058e6161b323e1402fe073fee2e402b3a6b8df08cbb1e4e95b5f19f47e9f2\
         28b8e497b8464a62cf0913087a4d8060ea0000";

/// The same by method 4.
pub(crate) const ARJ_FASTEST: &str = "60ea2a00220b0102100002f7831a086b831a086b0000000000000000000000000000000000007334\
         2e61726a000006bb7a90000060ea37002e0b010210040083831a086b3a000000bd010000cfaef9b6\
         0000a411000000000000831a086b831a086b00000000636f6e74656e740000b28b7795000030988c\
         66432998ce68349a8406b361b4dc6f381c4e473107ffe0a7f1c0a134824c2b904a445101d0c26936\
         080de66101d0d065101d0ca783a02860ea0000";

/// A member packed by RAR 5.0.
pub(crate) const RAR_5: &str = "c4aa34443424fa32eb47fac44d7dbde60580820a8cc1032a95ca229b501a93dd40fc00400200\
         d4600436ed15f9b754832a644ecd7c1fe0";

/// A member packed by RAR 2.9, by its usual method.
pub(crate) const RAR_3: &str = "110cccfe8c9eb0fe3181abacb1bb4077a80a64d64b3783c107bc01e08592eefbb61d00082000\
         0888e9780cd20c07613a41784bb36e9f520adaca2740bae70b648a6271fbb800919e502fd855\
         fffac658ebebc4d7887e5496871f4dec";

/// The same by its best method.
pub(crate) const RAR_3_BEST: &str = "0cccccfe8cdeafffec5f3575920765e26696e556482c5746403c42e19006ad87400208000222\
         3a5e03348301d84e905e12ecdba7d482b6b289d02eb9c2d922989c7eee0010f7903fed7dd615\
         eea9b7df851c8dbed2d0dbedb940";

/// A member of four bytes packed by RAR 2.0.
pub(crate) const RAR_2: &str = "0004000000000000008aee82affe21dd68";

/// What PKZIP 0.92 reduced by `-ea4`, in tests of hwzip: the first bytes.
pub(crate) const REDUCED: &str = "00000000000000000000000000000000000000000080005807000000000000000000000000000000\
     00000000000000000000000000000000000000000000000000000000000000000000000000000000\
     000000000020010f061131211f0200000000000000000000000499000000002080bc01c45d1a5a98\
     500649ccb9d19111652068730408245d195106029906086c61849c5b1d1d02f97646364657962640\
     86116561906c0040b8d1cdd509616502649df0064240cab98110209069650424dd1b9a50a64ec8d1\
     b9cd010000000000008000e92250111120685249804015040080f0260408614102240800084f4500\
     204839096145021a150000000000800002090000000002a41b00008000d20008209080a0220e0001\
     2400000000207761536f504590700000000000000000000000000010280080000905000000000000\
     00efbbbf0d28f7ad5ad931e9511dc162e859102df4f6ed1a883533d2b06dd9902e0bc5e6f12a2d9b\
     a70ddb1684d0b856762edcb261c00636904ad38865f09734a219503aea7530c0278cf314030ceea8";
