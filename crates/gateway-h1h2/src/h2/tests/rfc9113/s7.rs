//! §7: error codes.

use super::*;

#[test]
fn unknown_codes_mean_nothing_special() {
    let mut side = server(&[open(), frame(RST_STREAM, 0, 1, &[0, 0, 0, 0xff])]);
    assert_eq!(side.told(1)[1..], ["reset Cancelled"]);
    goes_on(&mut side);
    let mut side = server(&[asked(), frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 0xff])]);
    answer(&mut side, 1, "x");
    assert!(side.written.iter().any(|(kind, stream, _)| (*kind, *stream) == (DATA, 1)));
}
