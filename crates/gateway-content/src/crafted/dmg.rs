//! Images of Apple's.

use crate::fixture::base64;

/// A chunk: its type, how it is packed, and how many sectors it has.
pub(crate) type Chunk<'a> = (u32, &'a [u8], u64);

/// Where the tables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tables {
    /// In a list of properties.
    List,
    /// In resources.
    Resources,
}

/// An image of these partitions.
pub(crate) fn dmg(partitions: &[(&str, &[Chunk<'_>])], tables: Tables) -> Vec<u8> {
    let (mut data, mut list, mut resources) = (Vec::new(), String::new(), Vec::new());
    for (name, chunks) in partitions {
        let mut table = b"mish\0\0\0\x01".to_vec();
        let sectors: u64 = chunks.iter().map(|chunk| chunk.2).sum();
        table.extend([0, sectors, 0].map(u64::to_be_bytes).concat());
        table.resize(200, 0);
        table.extend((chunks.len() as u32 + 1).to_be_bytes());
        let mut at = 0;
        let last = (u32::MAX, &b""[..], 0);
        for (kind, packed, sectors) in chunks.iter().chain([&last]) {
            table.extend([kind.to_be_bytes(), [0; 4]].concat());
            let place = [at, *sectors, data.len() as u64, packed.len() as u64];
            table.extend(place.map(u64::to_be_bytes).concat());
            data.extend_from_slice(packed);
            at += sectors;
        }
        let digits = String::from_utf8(base64(&table)).unwrap();
        list += &format!(
            "<dict>\n<key>Attributes</key><string>0x0050</string>\n<key>CFName</key><string>{name}</string>\n\
             <key>Data</key>\n<data>\n\t{digits}\n</data>\n<key>ID</key><string>0</string>\n\
             <key>Name</key>\n<string>{name}</string>\n</dict>\n"
        );
        resources.extend([&(table.len() as u32).to_be_bytes()[..], &table].concat());
    }
    let list = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n<key>resource-fork</key>\n\
         <dict>\n<key>blkx</key>\n<array>\n{list}</array>\n<key>plst</key>\n<array><dict><key>Data</key>\
         <data>AAAA</data></dict></array>\n</dict>\n</dict>\n</plist>\n"
    );
    let resources =
        [[16, 0, resources.len() as u32, 0].map(u32::to_be_bytes).concat(), resources].concat();
    let behind = match tables {
        Tables::List => list.into_bytes(),
        Tables::Resources => resources,
    };
    let len = behind.len() as u64;
    let at = data.len() as u64;
    let place = |is_here: bool| if is_here { [at, len] } else { [0, 0] };
    let mut trailer = b"koly\0\0\0\x04\0\0\x02\0\0\0\0\x01".to_vec();
    trailer.extend([0, 0, at].map(u64::to_be_bytes).concat());
    trailer.extend(place(tables == Tables::Resources).map(u64::to_be_bytes).concat());
    trailer.extend([1u32, 1].map(u32::to_be_bytes).concat());
    trailer.resize(216, 0);
    trailer.extend(place(tables == Tables::List).map(u64::to_be_bytes).concat());
    trailer.resize(488, 0);
    trailer.extend(1u32.to_be_bytes());
    trailer.resize(512, 0);
    [data, behind, trailer].concat()
}
