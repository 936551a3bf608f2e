//! CPU time of a process and its descendants, from `/proc` (Linux).

use std::fs;

/// Clock ticks per second in `/proc`: `USER_HZ`, which is 100 on every Linux that we run on.
const TICKS_PER_S: f64 = 100.0;

/// User and system time in seconds of `root` and all its descendants, children that have ended and
/// were waited for included.
pub(super) fn seconds(root: u32) -> f64 {
    let stats: Vec<Stat> = fs::read_dir("/proc").map_or_else(
        |_| Vec::new(),
        |entries| {
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            names.filter_map(|name| name.parse().ok()).filter_map(stat).collect()
        },
    );
    let mut tree = vec![root];
    let mut index = 0;
    while let Some(parent) = tree.get(index).copied() {
        tree.extend(stats.iter().filter(|stat| stat.parent == parent).map(|stat| stat.id));
        index += 1;
    }
    let ticks: u64 = stats.iter().filter(|stat| tree.contains(&stat.id)).map(|s| s.ticks).sum();
    ticks as f64 / TICKS_PER_S
}

/// The most memory in MiB that `root` has had resident (`VmHWM`).
pub(super) fn peak_mib(root: u32) -> f64 {
    mib(root, "VmHWM:")
}

/// The memory in MiB that `process` has resident (`VmRSS`).
pub(super) fn resident_mib(process: u32) -> f64 {
    mib(process, "VmRSS:")
}

/// What `/proc/PID/status` says of `name`.
fn mib(process: u32, name: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

struct Stat {
    id: u32,
    parent: u32,
    ticks: u64,
}

fn stat(id: u32) -> Option<Stat> {
    parse(id, &fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

/// Reads a line of `/proc/PID/stat` (proc(5)): the name in brackets may hold anything.
fn parse(id: u32, line: &str) -> Option<Stat> {
    let (_, rest) = line.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    // Behind the name: state, parent …; user, system and the two of waited-for children are the
    // 14th to 17th of all.
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Some(Stat { id, parent: u32::try_from(number(1)?).ok()?, ticks })
}

#[cfg(test)]
mod tests {
    use super::{parse, seconds};

    #[test]
    fn a_line_of_proc_is_read_whatever_the_name() {
        let line = "7 (a ) b) S 3 7 7 0 -1 4194304 1 2 3 4 10 20 30 40 20 0 1 0 5";
        let stat = parse(7, line).unwrap();
        assert_eq!((stat.id, stat.parent, stat.ticks), (7, 3, 100));
        assert!(parse(7, "7 (a) S 3").is_none() && parse(7, "").is_none());
    }

    #[test]
    fn this_process_takes_time() {
        let mut spent = 0;
        while seconds(std::process::id()) == 0.0 {
            spent = std::hint::black_box(spent + 1);
        }
    }
}
