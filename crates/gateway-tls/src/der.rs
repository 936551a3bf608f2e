//! Distinguished Encoding Rules (X.690), as far as writing a certificate needs them.
//! Reading certificates is `x509-parser`'s work.

pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const UTF8_STRING: u8 = 0x0c;
const GENERALIZED_TIME: u8 = 0x18;
const UTC_TIME: u8 = 0x17;

/// The tag `[number]` of a primitive value.
pub(crate) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// The tag `[number]` of a constructed value.
pub(crate) const fn context_constructed(number: u8) -> u8 {
    0xa0 | number
}

/// Appends a value: tag, length and what `contents` appends.
pub(crate) fn nest(out: &mut Vec<u8>, tag: u8, contents: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(&[tag, 0]);
    let start = out.len();
    contents(out);
    let len = out.len() - start;
    let bytes = len.to_be_bytes();
    let zeros = (len.leading_zeros() as usize / 8).min(bytes.len() - 1);
    let count = bytes.len() - zeros;
    let long_form = (len >= 0x80).then_some(0x80 | count as u8);
    let length = long_form.into_iter().chain(bytes.into_iter().skip(zeros));
    out.splice(start - 1..start, length);
}

/// Appends a primitive value.
pub(crate) fn value(out: &mut Vec<u8>, tag: u8, contents: &[u8]) {
    nest(out, tag, |out| out.extend_from_slice(contents));
}

/// Appends a bit string of whole bytes.
pub(crate) fn bit_string(out: &mut Vec<u8>, bytes: &[u8]) {
    nest(out, BIT_STRING, |out| {
        out.push(0);
        out.extend_from_slice(bytes);
    });
}

/// Appends a positive integer, big-endian, in its shortest form.
pub(crate) fn unsigned(out: &mut Vec<u8>, bytes: &[u8]) {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.get(zeros..).unwrap_or_default();
    nest(out, INTEGER, |out| {
        // A set top bit would make it negative, and zero is one byte long.
        if significant.first().is_none_or(|byte| byte & 0x80 != 0) {
            out.push(0);
        }
        out.extend_from_slice(significant);
    });
}

/// Appends a time as RFC 5280 §4.1.2.5 wants it: UTCTime through 2049, GeneralizedTime after.
/// Takes times from 1970 on; years beyond 9999 have no form and are for the caller to refuse.
pub(crate) fn time(out: &mut Vec<u8>, unix_s: u64) {
    let (year, month, day) = civil_from_days(unix_s / 86_400);
    let second = unix_s % 86_400;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let of_year = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if year < 2050 {
        value(out, UTC_TIME, format!("{:02}{of_year}", year % 100).as_bytes());
    } else {
        value(out, GENERALIZED_TIME, format!("{year:04}{of_year}").as_bytes());
    }
}

/// 9999-12-31T23:59:59Z: the last instant that [`time`] can write.
pub(crate) const TIME_UNIX_S_MAX: u64 = 253_402_300_799;

/// Days from 1970-01-01 to the year, month and day of the proleptic Gregorian calendar.
///
/// Counts in eras of 400 years from 0000-03-01, so that a leap day ends its year.
const fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use x509_parser::asn1_rs::FromDer;
    use x509_parser::time::ASN1Time;

    use super::*;

    #[test]
    fn lengths_take_the_shortest_form() {
        for (len, header) in [
            (0, vec![0x04, 0]),
            (0x7f, vec![0x04, 0x7f]),
            (0x80, vec![0x04, 0x81, 0x80]),
            (0xff, vec![0x04, 0x81, 0xff]),
            (0x100, vec![0x04, 0x82, 1, 0]),
            (0x1_0000, vec![0x04, 0x83, 1, 0, 0]),
        ] {
            let contents = vec![0xaa; len];
            let mut out = Vec::new();
            value(&mut out, OCTET_STRING, &contents);
            assert_eq!(out, [header, contents].concat());
        }
    }

    #[test]
    fn integers_are_positive_and_short() {
        for (bytes, expected) in [
            (&[][..], &[2, 1, 0][..]),
            (&[0, 0], &[2, 1, 0]),
            (&[0, 1], &[2, 1, 1]),
            (&[0x7f], &[2, 1, 0x7f]),
            (&[0x80], &[2, 2, 0, 0x80]),
        ] {
            let mut out = Vec::new();
            unsigned(&mut out, bytes);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn times_read_back() {
        let edges = [0, 951_782_400, 2_524_607_999, 2_524_608_000, 4_107_542_400, TIME_UNIX_S_MAX];
        for unix_s in edges.into_iter().chain((0..2_000).map(|i| i * 123_456_789 % TIME_UNIX_S_MAX))
        {
            let mut out = Vec::new();
            time(&mut out, unix_s);
            let (rest, read) = ASN1Time::from_der(&out).unwrap();
            assert!(rest.is_empty());
            assert_eq!(read.timestamp(), unix_s as i64);
            assert_eq!(out[0] == UTC_TIME, unix_s < 2_524_608_000);
        }
    }
}
