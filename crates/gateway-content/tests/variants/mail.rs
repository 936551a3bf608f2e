//! Messages and forms whose headers, boundaries and encodings readers differ about.

use gateway_inspect::Unscannable::{Contradiction, Malformed};

use crate::writers::{base64, base64_lines, zip};
use crate::{Variant, found, found_and};

const HEAD: &str = "From: a@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n";

/// A message with an attachment in base64; `top` and `part` are header lines.
fn message(top: &str, open: &str, part: &str, body: &str, close: &str) -> Vec<u8> {
    format!(
        "{HEAD}{top}\r\n\r\npreamble\r\n{open}\r\nContent-Type: text/plain\r\n\r\nhello\r\n\
         {open}\r\n{part}\r\n\r\n{body}\r\n{close}\r\n"
    )
    .into_bytes()
}

const TOP: &str = "Content-Type: multipart/mixed; boundary=\"bound\"";
const PART: &str = "Content-Type: application/octet-stream; name=\"a.exe\"\r\n\
                    Content-Transfer-Encoding: base64";

pub(crate) fn variants(file: &[u8]) -> Vec<Variant> {
    [boundaries(file), headers(file), encodings(file), nested(file), forms(file)]
        .into_iter()
        .flatten()
        .collect()
}

fn boundaries(file: &[u8]) -> Vec<Variant> {
    let body = base64_lines(file, 76);
    let with_top = |top: &str| message(top, "--bound", PART, &body, "--bound--");
    let plain = message(TOP, "--bound", PART, &body, "--bound--");
    let text = String::from_utf8_lossy(&plain).replace("\r\n", "\n");
    vec![
        found("message", plain),
        found("lines of LF", text.into_bytes()),
        found("no last boundary", message(TOP, "--bound", PART, &body, "")),
        found("boundary without quotes", with_top("Content-Type: multipart/mixed; boundary=bound")),
        found(
            "boundary folded",
            with_top("Content-Type: multipart/mixed;\r\n\tboundary=\"bound\""),
        ),
        found("boundary folded within", {
            with_top("Content-Type: multipart/mixed; boundary=\r\n \"bound\"")
        }),
        found("name of the field in capitals", {
            with_top("CONTENT-TYPE: MULTIPART/MIXED; BOUNDARY=\"bound\"")
        }),
        found("blanks before the colon", {
            with_top("Content-Type : multipart/mixed; boundary=\"bound\"")
        }),
        found("blanks about the equals sign", {
            with_top("Content-Type: multipart/mixed; boundary = \"bound\"")
        }),
        found("semicolons in a row", {
            with_top("Content-Type: multipart/mixed;;; boundary=\"bound\";")
        }),
        found("comment before the boundary", {
            with_top("Content-Type: multipart/mixed; (a comment) boundary=\"bound\"")
        }),
        found("comment within the type", {
            with_top("Content-Type: multipart/mixed (a; comment); boundary=\"bound\"")
        }),
        found("nested comment", {
            with_top("Content-Type: (a (nested) one) multipart/mixed; boundary=\"bound\"")
        }),
        found("boundary in pieces", {
            with_top("Content-Type: multipart/mixed; boundary*0=\"bo\"; boundary*1=\"und\"")
        }),
        found_and("pieces out of order", Malformed, {
            with_top("Content-Type: multipart/mixed; boundary*1=\"und\"; boundary*0=\"bo\"")
        }),
        found("boundary with a charset", {
            with_top("Content-Type: multipart/mixed; boundary*=us-ascii''%62ound")
        }),
        found("two boundaries, the first", {
            with_top("Content-Type: multipart/mixed; boundary=\"bound\"; boundary=\"other\"")
        }),
        found_and("two boundaries, the last", Malformed, {
            with_top("Content-Type: multipart/mixed; boundary=\"other\"; boundary=\"bound\"")
        }),
        found_and("backslash in the boundary", Malformed, {
            with_top("Content-Type: multipart/mixed; boundary=\"bo\\und\"")
        }),
        found("boundary with blanks behind", {
            message(TOP, "--bound  \t", PART, &body, "--bound--  ")
        }),
        found("boundary with words behind", {
            message(TOP, "--bound", PART, &body, "--bound-- and more")
        }),
        found("quote left open", with_top("Content-Type: multipart/mixed; boundary=\"bound")),
        found_and("blank before the quote ends", Malformed, {
            with_top("Content-Type: multipart/mixed; boundary=\"bound \"")
        }),
        found("no boundary told", with_top("Content-Type: multipart/mixed")),
        found("empty boundary", {
            let top = "Content-Type: multipart/mixed; boundary=\"\"";
            message(top, "--", PART, &body, "----")
        }),
        found_and(
            "another boundary told",
            Malformed,
            with_top("Content-Type: multipart/mixed; boundary=other"),
        ),
        found("type of no multipart", with_top("Content-Type: text/plain")),
        found("no type", with_top("X-Other: 1")),
        found("boundary of 200 characters", {
            let long = "b".repeat(200);
            let top = format!("Content-Type: multipart/mixed; boundary={long}");
            message(&top, &format!("--{long}"), PART, &body, &format!("--{long}--"))
        }),
        found("boundary like the start of another", {
            let top = "Content-Type: multipart/mixed; boundary=bound";
            message(top, "--bound", PART, &body, "--boundary\r\n--bound--")
        }),
        found("attachment behind the last boundary", {
            format!(
                "{HEAD}{TOP}\r\n\r\n--bound\r\n\r\nhello\r\n--bound--\r\n--bound\r\n{PART}\r\n\r\n{body}\r\n--bound--\r\n"
            )
            .into_bytes()
        }),
        found("attachment before the first boundary", {
            format!("{HEAD}{TOP}\r\n\r\nbegin 644 a.exe\r\n{}--bound--\r\n", uu(file)).into_bytes()
        }),
    ]
}

fn headers(file: &[u8]) -> Vec<Variant> {
    let body = base64_lines(file, 76);
    let with_top = |top: &str| message(top, "--bound", PART, &body, "--bound--");
    let with_part = |part: &str| message(TOP, "--bound", part, &body, "--bound--");
    let other = "Content-Type: text/plain";
    vec![
        found("two types, the multipart first", with_top(&format!("{TOP}\r\n{other}"))),
        found("two types, the multipart last", with_top(&format!("{other}\r\n{TOP}"))),
        found_and("two multiparts, the first", Malformed, {
            with_top(&format!("{TOP}\r\nContent-Type: multipart/mixed; boundary=other"))
        }),
        found("two multiparts, the last", {
            with_top(&format!("Content-Type: multipart/mixed; boundary=other\r\n{TOP}"))
        }),
        found("boundary in the disposition", {
            with_top("Content-Type: multipart/mixed\r\nContent-Disposition: inline; boundary=bound")
        }),
        found_and("two encodings, the first", Contradiction, {
            with_part("Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit")
        }),
        found_and("two encodings, the last", Contradiction, {
            with_part("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64")
        }),
        found_and("quoted-printable and base64", Contradiction, {
            let head = "Content-Transfer-Encoding: quoted-printable";
            with_part(&format!("{head}\r\nContent-Transfer-Encoding: base64"))
        }),
        found("encoding in capitals", with_part("Content-Transfer-Encoding: BASE64")),
        found("encoding in quotes", with_part("Content-Transfer-Encoding: \"base64\"")),
        found("encoding with a comment", with_part("Content-Transfer-Encoding: (x) base64 (y)")),
        found("encoding folded", with_part("Content-Transfer-Encoding:\r\n\tbase64")),
        found("encoding with a blank before the colon", {
            with_part("Content-Transfer-Encoding : base64")
        }),
        found("encoding with words behind", with_part("Content-Transfer-Encoding: base64;x=y")),
        found("no encoding told", with_part("Content-Type: application/octet-stream")),
        found("encoding told to be 8bit", with_part("Content-Transfer-Encoding: 8bit")),
        found("unknown encoding", with_part("Content-Transfer-Encoding: x-unknown")),
        found(
            "type of an image",
            with_part(&PART.replace("application/octet-stream", "image/png")),
        ),
        found("name in another charset", {
            with_part(
                "Content-Type: application/octet-stream; name=\"=?utf-8?B?YS5leGU=?=\"\r\n\
                       Content-Transfer-Encoding: base64",
            )
        }),
        found("name in pieces", {
            with_part(
                "Content-Disposition: attachment; filename*0*=utf-8''a%2e; filename*1=exe\r\n\
                       Content-Transfer-Encoding: base64",
            )
        }),
        found("header line without a colon", with_part(&format!("this is no field\r\n{PART}"))),
        found("header of 30,000 bytes", with_part(&format!("X: {}\r\n{PART}", "x".repeat(30_000)))),
        found("CR alone between lines", with_part(&PART.replace("\r\n", "\r"))),
        found(
            "zero in the header",
            with_part(&PART.replace("Content-Type", "X-Zero: \0\r\nContent-Type")),
        ),
    ]
}

/// The bytes of a file in lines of the program `uuencode`, with the end.
fn uu(file: &[u8]) -> String {
    let digit = |value: u8| if value == 0 { '`' } else { char::from(value + 32) };
    let mut out = String::new();
    for line in file.chunks(45) {
        out.push(digit(line.len() as u8));
        for group in line.chunks(3) {
            let byte = |i: usize| group.get(i).copied().unwrap_or(0);
            let (a, b, c) = (byte(0), byte(1), byte(2));
            out.extend([digit(a >> 2), digit(a << 4 & 63 | b >> 4)]);
            out.extend([digit(b << 2 & 63 | c >> 6), digit(c & 63)]);
        }
        out.push_str("\r\n");
    }
    out + "`\r\nend\r\n"
}

/// The bytes of a file in lines of yEnc.
fn yenc(file: &[u8]) -> Vec<u8> {
    let escaped = |byte: &u8| match byte.wrapping_add(42) {
        critical @ (0 | b'\r' | b'\n' | b'=') => vec![b'=', critical.wrapping_add(64)],
        plain => vec![plain],
    };
    let line = |line: &[u8]| [line.iter().flat_map(escaped).collect(), b"\r\n".to_vec()].concat();
    file.chunks(128).flat_map(line).collect()
}

fn quoted(file: &[u8], width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for byte in file {
        let piece = match byte {
            b'!'..=b'<' | b'>'..=b'~' => char::from(*byte).to_string(),
            byte => format!("={byte:02X}"),
        };
        if column + piece.len() > width {
            out.push_str("=\r\n");
            column = 0;
        }
        column += piece.len();
        out.push_str(&piece);
    }
    out
}

fn encodings(file: &[u8]) -> Vec<Variant> {
    let with = |part: &str, body: &str| message(TOP, "--bound", part, body, "--bound--");
    let line = base64(file);
    let lines = |width| base64_lines(file, width);
    let junk = |junk: &str| {
        let pieces: Vec<String> = line
            .as_bytes()
            .chunks(37)
            .map(|piece| format!("{}{junk}", std::str::from_utf8(piece).unwrap()))
            .collect();
        pieces.join("\r\n")
    };
    let padded: String = file.chunks(50).map(|piece| base64(piece) + "\r\n").collect();
    let qp = "Content-Transfer-Encoding: quoted-printable";
    let text = |head: &str, body: &str| format!("{HEAD}{head}\r\n\r\n{body}").into_bytes();
    vec![
        found("base64 in one line", with(PART, &line)),
        found("base64, 4 in a line", with(PART, &lines(4))),
        found("base64, 1 in a line", with(PART, &lines(1))),
        found("base64, 997 in a line", with(PART, &lines(997))),
        found("base64, blanks within", with(PART, &junk("  \t"))),
        found("base64, other characters within", with(PART, &junk("!*%"))),
        found("base64, bytes of 8 bits within", with(PART, &junk("\u{e9}"))),
        found("base64, empty lines within", with(PART, &junk("\r\n\r\n"))),
        found("base64, padding within", with(PART, &padded)),
        found("base64, no padding", with(PART, line.trim_end_matches('='))),
        found("base64, more padding", with(PART, &format!("{line}===="))),
        found("base64, words behind the padding", with(PART, &format!("{line}\r\n"))),
        found("quoted-printable", with(qp, &quoted(file, 70))),
        found(
            "quoted-printable, every byte",
            with(qp, &file.iter().map(|b| format!("={b:02X}")).collect::<String>()),
        ),
        found(
            "quoted-printable, small digits",
            with(qp, &file.iter().map(|b| format!("={b:02x}")).collect::<String>()),
        ),
        found("quoted-printable, 3 in a line", with(qp, &quoted(file, 3))),
        found("quoted-printable, blanks behind soft breaks", {
            with(qp, &quoted(file, 70).replace("=\r\n", "= \t\r\n"))
        }),
        found("quoted-printable, soft breaks of LF", {
            with(qp, &quoted(file, 70).replace("=\r\n", "=\n"))
        }),
        found("uuencoded in the text", {
            with("Content-Type: text/plain", &format!("begin 644 a.exe\r\n{}", uu(file)))
        }),
        found("uuencoded, told", {
            with(
                "Content-Transfer-Encoding: x-uuencode",
                &format!("begin 644 a.exe\r\n{}", uu(file)),
            )
        }),
        found("uuencoded, blanks for zeros", {
            let body = uu(file).replace('`', " ");
            with("Content-Type: text/plain", &format!("begin 755 a b.exe\r\n{body}"))
        }),
        found("uuencoded, no end", {
            let body = uu(file).replace("`\r\nend\r\n", "");
            with("Content-Type: text/plain", &format!("begin 644 a.exe\r\n{body}"))
        }),
        found("uuencoded, mode of other digits", {
            with("Content-Type: text/plain", &format!("begin 0100644 a.exe\r\n{}", uu(file)))
        }),
        found("uuencoded, no name", {
            with("Content-Type: text/plain", &format!("begin 644 \r\n{}", uu(file)))
        }),
        found("uuencoded by base64", {
            with(
                "Content-Type: text/plain",
                &format!("begin-base64 644 a.exe\r\n{}====\r\n", lines(60)),
            )
        }),
        found(
            "uuencoded without a message",
            format!("hello\nbegin 644 a.exe\n{}", uu(file)).into_bytes(),
        ),
        found(
            "uuencoded from the first byte",
            format!("begin 644 a.exe\n{}", uu(file)).into_bytes(),
        ),
        found("yEnc", {
            let head =
                format!("{HEAD}\r\n\r\n=ybegin line=128 size={} name=a b.exe\r\n", file.len());
            [head.as_bytes(), &yenc(file), b"=yend size=1\r\n"].concat()
        }),
        found("yEnc, a part, no message", {
            let head = b"=ybegin part=1 line=128 size=1 name=a\n=ypart begin=1 end=9\n";
            [&head[..], &yenc(file), b"=yend size=1\n"].concat()
        }),
        found("no parts, base64", text("Content-Transfer-Encoding: base64", &lines(76))),
        found("binary body", {
            let head =
                format!("{HEAD}{TOP}\r\n\r\n--bound\r\nContent-Transfer-Encoding: binary\r\n\r\n");
            [head.as_bytes(), file, b"\r\n--bound--\r\n"].concat()
        }),
        found("archive in base64", with(PART, &base64_lines(&zip(file), 76))),
    ]
}

fn nested(file: &[u8]) -> Vec<Variant> {
    let inner = message(TOP, "--bound", PART, &base64_lines(file, 76), "--bound--");
    let outer = |part: &str, body: &[u8]| {
        let head =
            format!("{HEAD}{}\r\n\r\n--out\r\n{part}\r\n\r\n", TOP.replace("bound\"", "out\""));
        let head = head.replace("bounary", "boundary");
        [head.as_bytes(), body, b"\r\n--out--\r\n"].concat()
    };
    let same = |part: &str| {
        let head = format!("{HEAD}{TOP}\r\n\r\n--bound\r\n{part}\r\n\r\n");
        [head.as_bytes(), &inner, b"\r\n--bound--\r\n"].concat()
    };
    let rfc = "Content-Type: message/rfc822";
    let mbox = [b"From a@b.c Thu Jan  1 00:00:00 1970\n", &inner[..]].concat();
    vec![
        found("message in a message", outer(rfc, &inner)),
        found("message in a message, base64", {
            outer(
                &format!("{rfc}\r\nContent-Transfer-Encoding: base64"),
                base64_lines(&inner, 76).as_bytes(),
            )
        }),
        found_and("message in a message of the same boundary", Malformed, same(rfc)),
        found("message in a message, told to be text", outer("Content-Type: text/plain", &inner)),
        found("parts in a part", {
            let (_, parts) = split(&inner);
            outer(TOP, parts)
        }),
        found("mbox", mbox.clone()),
        found("mbox, second message", [&mbox[..], b"\n", &mbox].concat()),
        found("blank lines before the header", [b"\r\n\r\n", &inner[..]].concat()),
        found("mark before the header", [b"\xef\xbb\xbf", &inner[..]].concat()),
        found("message that begins with an unusual field", {
            [b"X-Unusual: yes\r\n", &inner[..]].concat()
        }),
        found("message that begins with its type", inner[HEAD.len()..].to_vec()),
        found_and("parts, a message by their preamble", Malformed, inner.clone())
            .of_type("multipart/related; boundary=bound"),
        found_and("told as a multipart of another boundary", Malformed, inner.clone())
            .of_type("multipart/mixed; boundary=elsewhere"),
    ]
}

fn split(message: &[u8]) -> (&[u8], &[u8]) {
    let at = message.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    message.split_at(at)
}

/// Uploads of a browser.
fn forms(file: &[u8]) -> Vec<Variant> {
    const TYPE: &str = "multipart/form-data; boundary=----WebKitFormBoundaryX";
    let with = |mark: &str, head: &str, body: &[u8], end: &str| {
        let head = format!(
            "{mark}\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nv\r\n{mark}\r\n{head}\r\n\r\n"
        );
        [head.as_bytes(), body, format!("\r\n{end}\r\n").as_bytes()].concat()
    };
    const MARK: &str = "------WebKitFormBoundaryX";
    const END: &str = "------WebKitFormBoundaryX--";
    let head = "Content-Disposition: form-data; name=\"u\"; filename=\"a.exe\"\r\n\
                Content-Type: application/octet-stream";
    let plain = with(MARK, head, file, END);
    let base = format!("{head}\r\nContent-Transfer-Encoding: base64");
    vec![
        found("form", plain.clone()).of_type(TYPE),
        found("form, no type told", plain.clone()),
        found("form, another type told", plain.clone()).of_type("text/plain"),
        found("form, type of octets told", plain.clone()).of_type("application/octet-stream"),
        found("form, base64", with(MARK, &base, base64(file).as_bytes(), END)).of_type(TYPE),
        found("form, base64 not told", with(MARK, head, base64(file).as_bytes(), END))
            .of_type(TYPE),
        found("form, no last boundary", {
            [format!("{MARK}\r\n{head}\r\n\r\n").as_bytes(), file].concat()
        })
        .of_type(TYPE),
        found("form, lines of LF", {
            let text = format!("{MARK}\n{}\n\n", head.replace("\r\n", "\n"));
            [text.as_bytes(), file, b"\n", END.as_bytes()].concat()
        })
        .of_type(TYPE),
        found("form, no disposition", with(MARK, "X: y", file, END)).of_type(TYPE),
        found("form, no header", {
            [MARK.as_bytes(), b"\r\n\r\n", file, b"\r\n", END.as_bytes()].concat()
        })
        .of_type(TYPE),
        found("form, file name with a charset", {
            with(
                MARK,
                "Content-Disposition: form-data; name=u; filename*=utf-8''a%2Eexe",
                file,
                END,
            )
        })
        .of_type(TYPE),
        found("form, boundary in quotes", plain.clone())
            .of_type("multipart/form-data; boundary=\"----WebKitFormBoundaryX\""),
        found_and("form, boundary told twice", Malformed, plain.clone())
            .of_type("multipart/form-data; boundary=x; boundary=----WebKitFormBoundaryX"),
        found_and("form, another boundary told", Malformed, plain)
            .of_type("multipart/form-data; boundary=other"),
        found("form, archive", with(MARK, head, &zip(file), END)).of_type(TYPE),
    ]
}
