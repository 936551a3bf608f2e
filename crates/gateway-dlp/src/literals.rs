//! The lane of literals: an Aho-Corasick automaton as one table. Capital letters count as small
//! ones.

use std::collections::{BTreeMap, VecDeque};

use crate::table::{Plan, Table};

/// A table that finds `literals`, all in small letters, by their numbers.
pub(crate) fn literal_table<B: AsRef<[u8]>>(literals: &[(B, u32)]) -> Option<Table> {
    let classes = classes(literals);
    let width = usize::from(classes.iter().copied().max().unwrap_or(0)) + 1;
    let trie = Trie::new(literals);
    let mut next = vec![0; trie.nodes.len().checked_mul(width)?];
    let mut ends: Vec<Vec<u32>> = trie.nodes.iter().map(|node| node.ends.clone()).collect();
    let mut fail = vec![0_usize; trie.nodes.len()];
    let mut depths = vec![0_usize; trie.nodes.len()];
    let mut levels = depths.clone();
    let mut queue = VecDeque::from([0]);
    while let Some(node) = queue.pop_front() {
        // What a node does not know itself, it does as the node of its longest proper suffix.
        let suffix = fail.get(node).copied().unwrap_or(0);
        let known = ends.get(suffix).cloned().filter(|_| node != 0).unwrap_or_default();
        let ends = ends.get_mut(node)?;
        ends.extend(known);
        ends.sort_unstable();
        ends.dedup();
        if node != 0 {
            next.copy_within(suffix * width..(suffix + 1) * width, node * width);
        }
        let Node { children, .. } = trie.nodes.get(node)?;
        // Of a literal that has ended, more bytes can only bring on what its suffix has begun.
        let level = *levels.get(node)?;
        *depths.get_mut(node)? = if children.is_empty() { *depths.get(suffix)? } else { level };
        for (byte, child) in children {
            *levels.get_mut(*child)? = level + 1;
            let class = usize::from(classes[usize::from(*byte)]);
            let slot = next.get_mut(node * width + class)?;
            let before = std::mem::replace(slot, *child);
            *fail.get_mut(*child)? = if node == 0 { 0 } else { before };
            queue.push_back(*child);
        }
    }
    let memory = literals.iter().map(|(bytes, _)| bytes.as_ref().len()).max().unwrap_or(0);
    Table::new(Plan { classes: Box::new(classes), width, next, ends, depths, at_start: 0, memory })
}

/// A class for each byte that stands in a literal, one for all others.
fn classes<B: AsRef<[u8]>>(literals: &[(B, u32)]) -> [u8; 256] {
    let mut used = [false; 256];
    for (bytes, _) in literals {
        bytes.as_ref().iter().for_each(|byte| used[usize::from(*byte)] = true);
    }
    let mut classes = [0; 256];
    let mut last = 0_u8;
    for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_uppercase()) {
        if used[usize::from(byte)] {
            // Capital letters have no class of their own, so this stays below 256.
            last = last.saturating_add(1);
            classes[usize::from(byte)] = last;
        }
    }
    for byte in b'A'..=b'Z' {
        classes[usize::from(byte)] = classes[usize::from(byte.to_ascii_lowercase())];
    }
    classes
}

/// The literals as a tree of bytes.
struct Trie {
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    children: BTreeMap<u8, usize>,
    ends: Vec<u32>,
}

impl Trie {
    fn new<B: AsRef<[u8]>>(literals: &[(B, u32)]) -> Self {
        let mut nodes = vec![Node::default()];
        for (bytes, number) in literals {
            let mut at = 0;
            for byte in bytes.as_ref() {
                let new = nodes.len();
                let Some(node) = nodes.get_mut(at) else { continue };
                at = *node.children.entry(*byte).or_insert(new);
                if at == new {
                    nodes.push(Node::default());
                }
            }
            if let Some(node) = nodes.get_mut(at) {
                node.ends.push(*number);
            }
        }
        Self { nodes }
    }
}
