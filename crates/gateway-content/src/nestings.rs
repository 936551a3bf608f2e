//! One word, planted in every nesting of formats that is likely and some that are not: it is found
//! whatever the chunks.

use gateway_inspect::Unscannable;

use crate::fixture::{
    base64, brotli, bzip2, cfb, cpio, deflated, docx, escaped, form, gzip, gzip_named, hex, json,
    lzw, mail, pdf, pdf_packed, pdf_with, run_lengths, stored, tar, utf16, uuencoded, xz_stored,
    zip, zlib, zstd,
};
use crate::laws::{Seen, look};
use crate::{BodyInfo, Budget, Coding, Limits, packed};

/// The text that is planted; text itself, long enough to be taken for a run when it is encoded.
const SECRET: &[u8] = b"the account holder is MALWARE, and this is all there is to say\n";

/// Sizes of chunks; 0 is the whole body.
const CHUNKS: [usize; 5] = [1, 7, 1_460, 16_384, 0];

/// The paths of the parts in which the word was found.
fn paths(seen: &Seen) -> Vec<&str> {
    let found = |end: &&crate::PartEnd| {
        let of_part = seen.findings.get(&end.part.id);
        of_part.is_some_and(|found| found.iter().any(|f| f.entry.scanner == "word"))
    };
    seen.ends.iter().filter(found).map(|end| end.part.name.as_str()).collect()
}

#[track_caller]
fn check(body: &[u8], info: &BodyInfo, want: &str) {
    let mut first: Option<Seen> = None;
    for chunk in CHUNKS {
        let chunk = if chunk == 0 { body.len() } else { chunk };
        let seen = look(body, &[chunk], Budget::default(), info, &Limits::default());
        let reasons: Vec<_> = seen
            .ends
            .iter()
            .filter_map(|end| Some((end.part.name.clone(), end.outcome.unscannable?)))
            .collect();
        assert!(
            paths(&seen).contains(&want),
            "{:?} by {chunk}, not {want}; {reasons:?}; parts {:?}",
            paths(&seen),
            seen.ends.iter().map(|end| &end.part.name).collect::<Vec<_>>()
        );
        assert_eq!(reasons, [], "by {chunk}");
        match &first {
            Some(first) => assert_eq!(first, &seen, "by {chunk}"),
            None => first = Some(seen),
        }
    }
}

fn text(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn one_secret_is_found_in_every_nesting() {
    let s = SECRET;
    let secret = std::str::from_utf8(s).unwrap();
    let html = |inner: &[u8]| text(&[b"<html><p>", inner, b"</p></html>"]);
    let split = |inner: &[u8]| text(&[&inner[..25], b"<b>", &inner[25..], b"</b>"]);
    let rtf = |inner: &[u8]| text(&[b"{\\rtf1\\ansi ", inner, b"}"]);
    let say = |inner: &[u8]| text(&[b"here it is: ", inner, b" and on\n"]);
    let mark: [u8; 2] = [0xc7, 0x71];
    for (body, want) in [
        (gzip(s), "gz:"),
        (gzip_named("n", s), "gz:n"),
        (bzip2(s), "bz2:"),
        (xz_stored(s), "xz:"),
        (zstd(s), "zst:"),
        (packed::bytes(packed::XZ), "xz:"),
        (packed::bytes(packed::XZ_CRC64), "xz:"),
        (packed::bytes(packed::LZMA), "lzma:"),
        (packed::bytes(packed::ZIP_LZMA), "zip:a"),
        (packed::bytes(packed::SEVEN_ZIP_PPMD), "7z:/7z:content"),
        (packed::bytes(packed::ZIP_PPMD), "zip:content"),
        (tar("t", s), "tar:t"),
        (cpio(b"070701", "c", s), "cpio:c"),
        (cpio(b"070702", "c", s), "cpio:c"),
        (cpio(b"070707", "c", s), "cpio:c"),
        (cpio(&mark, "c", s), "cpio:c"),
        (cpio(&[mark[1], mark[0]], "c", s), "cpio:c"),
        (zip(&[stored("a", s)]), "zip:a"),
        (gzip(&tar("t", s)), "gz:/tar:t"),
        (bzip2(&tar("t", &zip(&[deflated("a", s)]))), "bz2:/tar:t/zip:a"),
        (xz_stored(&cpio(b"070701", "c", &gzip(s))), "xz:/cpio:c/gz:"),
        (zip(&[deflated("a.tar.gz", &gzip(&tar("t", s)))]), "zip:a.tar.gz/gz:/tar:t"),
        (
            zip(&[deflated("a.zip", &zip(&[deflated("b.zip", &zip(&[deflated("c", s)]))]))]),
            "zip:a.zip/zip:b.zip/zip:c",
        ),
        (say(&base64(s)), "base64:"),
        (say(&base64(&base64(s))), "base64:/base64:"),
        (say(&base64(&gzip(s))), "base64:/gz:"),
        (say(&base64(&zip(&[deflated("a", s)]))), "base64:/zip:a"),
        (say(&base64(&utf16(&base64(s), false)[2..])), "base64:/charset:utf-16le/base64:"),
        (say(&base64(&utf16(s, true))), "base64:/charset:utf-16be"),
        (say(&hex(s)), "hex:"),
        (say(&hex(&gzip(s))), "hex:/gz:"),
        (say(&escaped("%", s)), "escaped:"),
        (say(&escaped("\\x", s)), "escaped:"),
        (say(&escaped("%", &base64(s))), "escaped:/base64:"),
        (uuencoded("u", s), "uu:u"),
        (text(&[b"text\n", &uuencoded("u", &gzip(s))]), "uu:u/gz:"),
        (json(s), "json:"),
        (json(&base64(s)), "json:/base64:"),
        (json(&json(s)), "json:/json:"),
        (json(&say(&hex(&zip(&[stored("a", s)])))), "json:/hex:/zip:a"),
        (html(&split(s)), "html:"),
        (html(&say(&base64(s))), "html:/base64:"),
        (
            text(&[
                b"<a href=\"data:application/zip;base64,",
                &base64(&zip(&[deflated("a", s)])),
                b"\">x</a>",
            ]),
            "html:/base64:/zip:a",
        ),
        (
            text(&[b"<html><script>var a='", &base64(&gzip(s)), b"'</script></html>"]),
            "html:/base64:/gz:",
        ),
        (docx(secret), "zip:word/document.xml/xml:"),
        (zip(&[stored("a.docx", &docx(secret))]), "zip:a.docx/zip:word/document.xml/xml:"),
        (
            gzip(&form("b", "a.zip", &zip(&[stored("a.docx", &docx(secret))]))),
            "gz:/form:f/a.zip/zip:a.docx/zip:word/document.xml/xml:",
        ),
        (form("b", "a", s), "form:f/a"),
        (form("b", "a", &form("c", "d", s)), "form:f/a/form:f/d"),
        (mail("b", "a", s), "mime:a"),
        (mail("b", "a.gz", &gzip(s)), "mime:a.gz/gz:"),
        (
            mail("b", "a.eml", &mail("c", "d.zip", &zip(&[deflated("e", s)]))),
            "mime:a.eml/mime:d.zip/zip:e",
        ),
        (
            text(&[
                b"From a@b.c Thu\nSubject: s\n\n",
                &say(&base64(s)),
                b"\nFrom d@e.f Fri\nSubject: t\n\n",
                s,
            ]),
            "mbox:/mime:",
        ),
        (rtf(&text(&[&s[..25], b"\\b ", &s[25..]])), "rtf:"),
        (rtf(&text(&[b"{\\object{\\*\\objdata ", &hex(&gzip(s)), b"}}"])), "rtf:/hex:/gz:"),
        (cfb("Contents", s), "ole:Contents"),
        (cfb("Contents", &gzip(s)), "ole:Contents/gz:"),
        (
            zip(&[deflated("a.doc", &cfb("Contents", &zip(&[deflated("b", s)])))]),
            "zip:a.doc/ole:Contents/zip:b",
        ),
        (pdf(s), "pdf:text"),
        (pdf_with(s), "pdf:7"),
        (pdf_packed("/Filter /LZWDecode", &lzw(s, 1)), "pdf:9"),
        (
            pdf_packed(
                "/Filter [/LZW] /DecodeParms << /EarlyChange 0 >>",
                &lzw(&zip(&[deflated("a", s)]), 0),
            ),
            "pdf:9/zip:a",
        ),
        (pdf_packed("/Filter [/AHx /RunLengthDecode]", &hex(&run_lengths(s))), "pdf:9"),
        (gzip(&pdf_with(&zip(&[deflated("a", s)]))), "gz:/pdf:7/zip:a"),
        (zip(&[deflated("a.pdf", &pdf(s))]), "zip:a.pdf/pdf:text"),
        (text(&[b"%PDF-1.4\n", &zip(&[deflated("a", s)])]), "pdf:tail/zip:a"),
        (mail("b", "a.pdf", &pdf(&base64(s))), "mime:a.pdf/pdf:text/base64:"),
        (utf16(s, false), "charset:utf-16le"),
        (utf16(s, true), "charset:utf-16be"),
        (gzip(&utf16(&say(&base64(s)), false)), "gz:/charset:utf-16le/base64:"),
        (zip(&[deflated("a.html", &html(&json(s)))]), "zip:a.html/html:/json:"),
        (text(&[b"plain text, and behind it an archive\n", &zip(&[deflated("a", s)])]), "zip:a"),
        (text(&[&html(b"text"), &zip(&[deflated("a", s)])]), "zip:a"),
        (text(&[&json(b"some text"), &zip(&[deflated("a", s)])]), "zip:a"),
        (
            text(&[
                &say(&base64(b"some text that is long enough")),
                &base64(b"x".repeat(30).as_slice()),
                &zip(&[deflated("a", s)]),
            ]),
            "zip:a",
        ),
    ] {
        check(&body, &BodyInfo::default(), want);
    }
    let coded = |body: &[u8], codings: &[Coding], want| {
        check(body, &BodyInfo::new(codings.to_vec(), None), want);
    };
    coded(&brotli(&json(s)), &[Coding::Brotli], "json:");
    coded(
        &zstd(&gzip(&form("b", "a", &tar("t", s)))),
        &[Coding::Gzip, Coding::Zstd],
        "form:f/a/tar:t",
    );
    coded(&zlib(&html(&split(s))), &[Coding::Deflate], "html:");
    let declared = |body: &[u8], content_type: &str, want| {
        let info = BodyInfo::default().with_content_type(content_type.as_bytes());
        check(body, &info, want);
    };
    let form_type = "application/x-www-form-urlencoded";
    let encoded = secret.replace(' ', "+").replace(',', "%2C");
    declared(format!("a=1&b={encoded}&c=2").as_bytes(), form_type, "form:");
    let inner = String::from_utf8(escaped("%", &json(s))).unwrap();
    declared(format!("a=1&b={inner}").as_bytes(), form_type, "form:/json:");
    let inner = String::from_utf8(escaped("%", &base64(s))).unwrap();
    declared(format!("a=1&b={inner}").as_bytes(), form_type, "form:/base64:");
    declared(&form("b", "a", s), "multipart/form-data; boundary=b", "form:f/a");
    let utf16 = &utf16(s, true)[2..];
    declared(utf16, "text/plain; charset=utf-16be", "charset:utf-16be");
}

#[test]
fn pages_and_documents_say_their_charset() {
    let text = b"\x82\xa0 is MALWARE";
    let long = b"<link rel=a href=b>".repeat(45);
    for (front, want) in [
        (&b"<html><head><meta charset=shift_jis>"[..], "html:/charset:"),
        (
            b"<html><meta http-equiv='Content-Type' content='text/html; charset=Shift_JIS'>",
            "html:/charset:",
        ),
        (&[b"<html>", &long[..], b"<meta charset='sjis'>"].concat(), "html:/charset:"),
        (b"<?xml version='1.0' encoding='shift_jis'?><a>", "xml:/charset:"),
    ] {
        for behind in [&b"</a>"[..], &[b' '; 3_000]] {
            check(&[front, text, behind].concat(), &BodyInfo::default(), want);
        }
    }
    // It counts as far as readers look for it, and where nothing else is declared.
    let far = [b"<html>", &long.repeat(2)[..], b"<meta charset='sjis'>", text].concat();
    let declared = [&b"<html><meta charset=sjis>"[..], text].concat();
    let told = BodyInfo::default().with_content_type(b"text/html; charset=utf-8");
    for (page, info) in [(far, BodyInfo::default()), (declared, told)] {
        let seen = look(&page, &[7], Budget::default(), &info, &Limits::default());
        assert_eq!(paths(&seen), ["html:", ""]);
    }
}

#[test]
fn numbers_and_addresses_are_shown_plainer() {
    let info = BodyInfo::default();
    for front in ["", "some lines of text\n", &"some lines of text\n".repeat(400)] {
        for text in [
            "card 4111\u{a0}1111\u{a0}1111\u{a0}1111 of %4dALWARE and on",
            "a%40b.org is %4DALWARE, and 078-05\u{2011}1120",
            "\u{ff14}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11} is %4DALWARE",
        ] {
            check(format!("{front}{text}").as_bytes(), &info, "plain:");
            let page = format!("<html><p>{front}{text}");
            check(page.as_bytes(), &info, "html:/plain:");
        }
    }
    // However many there are, there are few parts.
    let many = format!("a%40b.org{}", " ".repeat(400)).repeat(500) + "%4dALWARE and on";
    check(many.as_bytes(), &info, "plain:");
    let seen = look(many.as_bytes(), &[1_460], Budget::default(), &info, &Limits::default());
    assert!(seen.ends.len() < 50, "{}", seen.ends.len());
}

/// Every format once, small.
pub(crate) fn samples() -> Vec<Vec<u8>> {
    let s = SECRET;
    vec![
        bzip2(s),
        xz_stored(s),
        packed::bytes(packed::XZ),
        packed::bytes(packed::LZMA),
        packed::bytes(packed::ZIP_LZMA),
        packed::bytes(packed::SEVEN_ZIP_PPMD),
        packed::bytes(packed::ZIP_PPMD),
        tar("t", &gzip(s)),
        cpio(b"070701", "c", s),
        cpio(b"070707", "c", s),
        cpio(&[0xc7, 0x71], "c", s),
        base64(&gzip(s)),
        hex(s),
        escaped("%", s),
        uuencoded("u", s),
        json(&base64(s)),
        text(&[b"<html><p>a<b>b</b>&amp;<!-- c --><script>", s, b"</script>"]),
        docx("the text"),
        form("b", "a", s),
        mail("b", "a", s),
        text(&[b"From a@b.c Thu\nSubject: s\n\n", s, b"\nFrom d@e.f Fri\nSubject: t\n\n", s]),
        text(&[b"{\\rtf1\\ansi a\\par{\\*\\objdata ", &hex(s), b"}}"]),
        cfb("Contents", s),
        pdf(s),
        pdf_with(s),
        utf16(s, false),
        text(&[b"plain text\n", &zip(&[deflated("a", s)])]),
    ]
}

/// Bodies of every format, mangled in many ways, through the laws: as many as
/// `GATEWAY_CONTENT_MANGLED` says where the test is built.
#[test]
fn mangled_bodies_keep_the_laws() {
    let count = option_env!("GATEWAY_CONTENT_MANGLED").and_then(|count| count.parse().ok());
    let count: u64 = count.unwrap_or(3_000);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut roll = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % bound.max(1)
    };
    let samples = [samples(), crate::containers::samples(), crate::disks::samples()].concat();
    for _ in 0..count {
        let mut body = vec![roll(24) as u8, roll(256) as u8, roll(4) as u8];
        body.extend_from_slice(&samples[roll(samples.len())]);
        for _ in 0..roll(5) {
            let at = 3 + roll(body.len() - 3);
            match roll(6) {
                0 => body.truncate(at.max(4)),
                1 => body[at] = roll(256) as u8,
                2 => body.insert(at, roll(256) as u8),
                3 => drop(body.remove(at)),
                4 => {
                    let other = &samples[roll(samples.len())];
                    body.splice(at..at, other.iter().copied());
                }
                _ => body[at] ^= 1 << roll(8),
            }
            if body.len() < 5 {
                body.extend_from_slice(b"text");
            }
        }
        crate::laws::content_tree(&body);
    }
}

#[test]
fn what_is_packed_by_others_is_unpacked_to_the_byte() {
    let digest = format!("{:08x}", crc32fast::hash(&packed::content()));
    for digits in [
        packed::XZ,
        packed::XZ_CRC64,
        packed::LZMA,
        packed::ZIP_LZMA,
        packed::SEVEN_ZIP_PPMD,
        packed::ZIP_PPMD,
    ] {
        let body = packed::bytes(digits);
        let seen = look(&body, &[3], Budget::default(), &BodyInfo::default(), &Limits::default());
        let digests = seen.findings.values().flatten().filter(|f| f.entry.scanner == "digest");
        assert!(digests.into_iter().any(|found| *found.entry.id == *digest), "{:?}", seen.ends);
    }
}

#[test]
fn what_is_cut_or_crossed_is_no_clean_part() {
    let reasons = |body: &[u8]| -> Vec<Unscannable> {
        let seen = look(body, &[33], Budget::default(), &BodyInfo::default(), &Limits::default());
        let again = look(body, &[1], Budget::default(), &BodyInfo::default(), &Limits::default());
        assert_eq!(seen, again);
        seen.ends.iter().filter_map(|end| end.outcome.unscannable).collect()
    };
    for whole in [
        bzip2(SECRET),
        xz_stored(SECRET),
        packed::bytes(packed::XZ),
        packed::bytes(packed::LZMA),
        cpio(b"070701", "c", SECRET),
        cfb("Contents", SECRET),
    ] {
        for cut in [whole.len() / 2, whole.len() - 30] {
            assert!(!reasons(&whole[..cut]).is_empty(), "{:x?}", &whole[..4]);
        }
    }
    assert_eq!(reasons(&tar("t", SECRET)[..540]), [Unscannable::Malformed; 2]);
    let mut crossed = cfb("Contents", SECRET);
    // The chain of the stream leads back into the directory.
    crossed[512 + 4 * 5..512 + 4 * 6].copy_from_slice(&1u32.to_le_bytes());
    assert!(reasons(&crossed).contains(&Unscannable::Contradiction));
}
