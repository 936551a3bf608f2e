//! Every bound of unpacking, by name.

/// Bounds on what unpacking one body may produce, open and hold.
///
/// A bound that is hit never means "clean": the part concerned ends with the
/// [`Unscannable`](gateway_inspect::Unscannable) reason that each field names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Containers above a part, at the most. Default 16. A container at this depth is not opened:
    /// `TooDeep`.
    pub depth_max: u8,
    /// Parts of one body, itself included, however large they are. Default 100,000, which are some
    /// 0.3 s of opening and closing. The containers whose members do not fit: `TooMany`.
    pub parts_max: u32,
    /// Parts of one body that may be small: beyond them there may be one more for each
    /// [`bytes_per_part`](Self::bytes_per_part) that all parts so far had together. Default 10,000,
    /// some 30 ms: tables have thousands of short runs of digits. The containers whose members do not fit: `TooMany`.
    pub parts_floor: u32,
    /// Bytes that pay for one part. Default 1 KiB: a part takes about 3 µs beside its bytes, so a body whose
    /// parts are that large takes a third longer than one of one part. Files of source code, classes and objects
    /// are larger; what many tiny members unpack to is bounded by the ratio.
    pub bytes_per_part: u32,
    /// Bytes that decompressors may produce at any one depth of nesting, over all parts at that
    /// depth; so a body yields at most `depth_max + 1` times (and once per content-coding) as
    /// many. Default 1 GiB. The part that is cut: `TooLarge`. Bytes that are not compressed do
    /// not count.
    pub decoded_bytes_max: u64,
    /// Bytes that one compressed stream may yield per byte of it, which count in steps of 4 KiB.
    /// Default 200. The part that is cut: `RatioExceeded`.
    pub ratio_max: u32,
    /// Bytes that a compressed stream may yield before its ratio matters: blank images and tables are
    /// packed to a thousandth. Default 8 MiB.
    pub ratio_floor_bytes: u64,
    /// Bytes beyond [`ratio_max`](Self::ratio_max) that all compressed streams of a body may yield
    /// together, each up to [`ratio_floor_bytes`](Self::ratio_floor_bytes). Default 16 MiB. The
    /// containers whose further members are not opened: `RatioExceeded`.
    pub excess_bytes_max: u64,
    /// Bytes of a member's own name that are kept, in bytes of the container. Default 512; the
    /// rest is left out of [`Part::name`](gateway_inspect::Part::name).
    pub name_bytes_max: usize,
    /// Bytes held about the members of the archives that are being walked, for the comparison
    /// with their directories. Default 4 MiB. The archive whose members do not fit: `TooMany`.
    pub index_bytes_max: usize,
    /// Bytes of a window that one stream may look back on, where the format lets it choose (LZMA).
    /// Default 8 MiB. The part that looks back further: `TooLarge`. No more is held than came out.
    pub window_bytes_max: usize,
    /// Bytes of a model that one stream packed by context (PPMd) may fill. Default 16 MiB, what 7-Zip tells decoders to
    /// have unless it is asked for more. The part whose model grows beyond that: `TooLarge`. There is room for
    /// twice as much as the model has filled, up to all of it, whatever the stream says that it needs.
    pub model_bytes_max: usize,
    /// Bytes of containers that are gathered, because they can be told apart only as a whole, over
    /// all that are open. Default 12 MiB: less than what may be held of a body, so that the bytes of
    /// such a container stay until it has been opened. The container that does not fit: `TooLarge`.
    pub gathered_bytes_max: usize,
    /// Instructions of packed programs that are run to see what they unpack to, over all of one
    /// body. Default 32 Mi, about a second; one program gets half a Mi of them, some 15 ms, and 128
    /// for each of its bytes. The program that does not unpack itself in time: `WorkExceeded`.
    pub run_steps_max: u64,
    /// Instructions of all programs of a body for each byte that has come of it, so that many
    /// programs in a small archive take no longer than their bytes allow. Default 96, some 3 µs: about
    /// what packers are thought to need for each packed byte, an estimate. Of what is compressed twice only what comes before it counts, unless
    /// the body has ended. The programs that are over: `WorkExceeded`.
    pub run_steps_per_byte: u32,
    /// Instructions before that matters. Default 1.5 Mi, some 45 ms.
    pub run_steps_floor: u64,
    /// Reports, or part events, that may wait to be drained before
    /// [`Unpacker::step`](crate::Unpacker::step) pauses. Default 256. One step may pass it by
    /// what a single look at one piece of content brings.
    pub waiting_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth_max: 16,
            parts_max: 100_000,
            parts_floor: 10_000,
            bytes_per_part: 1 << 10,
            decoded_bytes_max: 1 << 30,
            ratio_max: 200,
            ratio_floor_bytes: 8 << 20,
            excess_bytes_max: 16 << 20,
            name_bytes_max: 512,
            index_bytes_max: 4 << 20,
            window_bytes_max: 8 << 20,
            model_bytes_max: 16 << 20,
            gathered_bytes_max: 12 << 20,
            run_steps_max: 32 << 20,
            run_steps_per_byte: 96,
            run_steps_floor: 3 << 19,
            waiting_max: 256,
        }
    }
}
