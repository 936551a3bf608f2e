//! Whether something stands at the end of an expression.

/// Whether nothing is asked for behind what `rest` follows on: only groups end there, or others of the
/// alternatives that it is in.
pub(super) fn is_last(mut rest: &[u8]) -> bool {
    loop {
        match rest.split_first() {
            None => return true,
            Some((b')', behind)) => {
                if behind.first().is_some_and(|byte| matches!(byte, b'*' | b'+' | b'?' | b'{')) {
                    return false;
                }
                rest = behind;
            }
            Some((b'|', behind)) => rest = behind_alternatives(behind),
            Some(_) => return false,
        }
    }
}

/// What follows on the alternatives that `rest` begins with, up to the end of their group.
fn behind_alternatives(mut rest: &[u8]) -> &[u8] {
    let (mut depth, mut in_class) = (0usize, false);
    while let Some((byte, behind)) = rest.split_first() {
        match byte {
            b'\\' => {
                rest = behind.get(1..).unwrap_or_default();
                continue;
            }
            b'[' if !in_class => {
                in_class = true;
                let behind = behind.strip_prefix(b"^").unwrap_or(behind);
                rest = behind.strip_prefix(b"]").unwrap_or(behind);
                continue;
            }
            b']' => in_class = false,
            b'(' if !in_class => depth += 1,
            b')' if !in_class => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return rest,
            },
            _ => {}
        }
        rest = behind;
    }
    rest
}
