//! Files in MacBinary.

/// What tells its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Zeros.
    First,
    /// A checksum.
    Summed,
}

/// The file `a` of these forks, of which the last is not filled up.
pub(crate) fn mac_binary(form: Form, data: &[u8], resources: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 128];
    out[1..3].copy_from_slice(&[1, b'a']);
    out[65..73].copy_from_slice(b"TEXTttxt");
    out[83..87].copy_from_slice(&(data.len() as u32).to_be_bytes());
    out[87..91].copy_from_slice(&(resources.len() as u32).to_be_bytes());
    if form == Form::Summed {
        out[102..106].copy_from_slice(b"mBIN");
        let crc = out[..124].iter().fold(0u16, |crc, byte| {
            (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
            })
        });
        out[124..126].copy_from_slice(&crc.to_be_bytes());
    }
    out.extend_from_slice(data);
    if !resources.is_empty() {
        out.resize(out.len().next_multiple_of(128), 0);
        out.extend_from_slice(resources);
    }
    out
}
