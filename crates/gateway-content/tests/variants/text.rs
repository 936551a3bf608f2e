//! Files in texts: base64 in JSON, scripts and pages, other alphabets and charsets.

use crate::writers::{base64, base64_lines, gzip, zip};
use crate::{Variant, found};

pub(crate) fn variants(file: &[u8]) -> Vec<Variant> {
    [pages(file), charsets(file), data(file)].into_iter().flatten().collect()
}

fn page(body: &str) -> Vec<u8> {
    format!("<!DOCTYPE html><html><head></head><body>{body}</body></html>").into_bytes()
}

fn uri(file: &[u8]) -> String {
    format!("data:application/octet-stream;base64,{}", base64(file))
}

fn pages(file: &[u8]) -> Vec<Variant> {
    let line = base64(file);
    let entities: String = uri(file).chars().map(|c| format!("&#{};", u32::from(c))).collect();
    let hexed: String = uri(file).chars().map(|c| format!("&#x{:x};", u32::from(c))).collect();
    let percent: String = file.iter().map(|b| format!("%{b:02x}")).collect();
    let escapes: String = file.iter().map(|b| format!("\\x{b:02x}")).collect();
    let wide: String = file.iter().map(|b| format!("\\u00{b:02x}")).collect();
    let numbers: Vec<String> = file.iter().map(u8::to_string).collect();
    vec![
        found("page, data URI", page(&format!("<a href=\"{}\">x</a>", uri(file)))),
        found("page, data URI without quotes", page(&format!("<a href={}>x</a>", uri(file)))),
        found(
            "page, data URI of an archive",
            page(&format!("<a href='{}'>x</a>", uri(&zip(file)))),
        ),
        found("page, data URI in references", page(&format!("<a href=\"{entities}\">x</a>"))),
        found("page, the same by hex digits", page(&format!("<a href=\"{hexed}\">x</a>"))),
        found("page, data URI in lines", {
            let lines = base64_lines(file, 76);
            page(&format!("<img src=\"data:image/png;base64,\r\n{lines}\">"))
        }),
        found("page, data URI by percent", page(&format!("<a href=\"data:,{percent}\">x</a>"))),
        found("page, percent within base64", {
            let line = line.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
            page(&format!("<a href=\"data:x/y;base64,{line}\">x</a>"))
        }),
        found("page, script", page(&format!("<script>var a = atob(\"{line}\");</script>"))),
        found("page, script of an archive", {
            page(&format!("<script>var a = atob('{}');</script>", base64(&zip(file))))
        }),
        found("page, script in pieces", {
            let pieces: Vec<String> = line
                .as_bytes()
                .chunks(64)
                .map(|p| format!("\"{}\"", std::str::from_utf8(p).unwrap()))
                .collect();
            page(&format!("<script>var a = {};</script>", pieces.join(" +\n")))
        }),
        found("page, script of escapes", page(&format!("<script>var a = \"{escapes}\";</script>"))),
        found("page, script of wide escapes", page(&format!("<script>a = \"{wide}\";</script>"))),
        found("page, script of numbers", {
            page(&format!("<script>a = new Uint8Array([{}]);</script>", numbers.join(", ")))
        }),
        found("page, comment", page(&format!("<!-- {line} -->"))),
        found("page, text area", page(&format!("<textarea>{}</textarea>", base64_lines(file, 76)))),
        found("page, style", page(&format!("<style>a {{ b: url({}) }}</style>", uri(file)))),
    ]
}

fn charsets(file: &[u8]) -> Vec<Variant> {
    let html = page(&format!("<a href=\"{}\">x</a>", uri(file)));
    let wide = |big: bool, mark: bool| {
        let bytes = |byte: &u8| if big { [0, *byte] } else { [*byte, 0] };
        let text: Vec<u8> = html.iter().flat_map(bytes).collect();
        match (mark, big) {
            (false, _) => text,
            (true, true) => [b"\xfe\xff", &text[..]].concat(),
            (true, false) => [b"\xff\xfe", &text[..]].concat(),
        }
    };
    let seven = {
        let href = format!("<a href=\"{}\">x</a>", uri(file));
        let wide: Vec<u8> = href.bytes().flat_map(|b| [0, b]).collect();
        format!("+{}-", base64(&wide).trim_end_matches('='))
    };
    vec![
        found("page, UTF-16LE with a mark", wide(false, true)),
        found("page, UTF-16BE with a mark", wide(true, true)),
        found("page, UTF-16LE", wide(false, false)),
        found("page, UTF-16BE", wide(true, false)),
        found("page, UTF-16LE told", wide(false, false)).of_type("text/html; charset=utf-16le"),
        found("page, UTF-7 told", seven.clone().into_bytes()).of_type("text/html; charset=utf-7"),
        found("page, UTF-7 by its head", {
            format!("<html><head><meta charset=utf-7></head>{seven}</html>").into_bytes()
        }),
        found("page, UTF-8 with a mark", [b"\xef\xbb\xbf", &html[..]].concat()),
        found("page, Shift-JIS told", html.clone()).of_type("text/html; charset=shift_jis"),
    ]
}

fn data(file: &[u8]) -> Vec<Variant> {
    let line = base64(file);
    let safe = line.replace('+', "-").replace('/', "_");
    let hex: String = file.iter().map(|b| format!("{b:02x}")).collect();
    let percent = |text: &str| text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let slashed = line.replace('/', "\\/");
    let numbers: Vec<String> = file.iter().map(u8::to_string).collect();
    let escaped: String = line.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    vec![
        found("JSON", format!("{{\"a\": \"{line}\"}}").into_bytes()),
        found("JSON, told", format!("{{\"a\": \"{line}\"}}").into_bytes())
            .of_type("application/json"),
        found("JSON, an array", format!("[1, \"{line}\"]").into_bytes()),
        found("JSON, slashes escaped", format!("{{\"a\": \"{slashed}\"}}").into_bytes()),
        found("JSON, all escaped", format!("{{\"a\": \"{escaped}\"}}").into_bytes()),
        found("JSON, other alphabet", format!("{{\"a\": \"{safe}\"}}").into_bytes()),
        found("JSON, hex digits", format!("{{\"a\": \"{hex}\"}}").into_bytes()),
        found("JSON, data URI", format!("{{\"a\": \"{}\"}}", uri(file)).into_bytes()),
        found("JSON, lines", {
            let lines = base64_lines(file, 76).replace("\r\n", "\\r\\n");
            format!("{{\"a\": \"{lines}\"}}").into_bytes()
        }),
        found("JSON in JSON", {
            format!("{{\"a\": \"{{\\\"b\\\": \\\"{line}\\\"}}\"}}").into_bytes()
        }),
        found("JSON, an archive", format!("{{\"a\": \"{}\"}}", base64(&zip(file))).into_bytes()),
        found("JSON, gz", format!("{{\"a\": \"{}\"}}", base64(&gzip(file))).into_bytes()),
        found(
            "JSON, base64 of base64",
            format!("{{\"a\": \"{}\"}}", base64(line.as_bytes())).into_bytes(),
        ),
        found(
            "JSON, numbers",
            format!("{{\"type\": \"Buffer\", \"data\": [{}]}}", numbers.join(",")).into_bytes(),
        ),
        found("XML", format!("<?xml version=\"1.0\"?><a>{line}</a>").into_bytes()),
        found("XML, lines", {
            format!("<?xml version=\"1.0\"?><a>\n{}</a>", base64_lines(file, 76)).into_bytes()
        }),
        found(
            "XML, section",
            format!("<?xml version=\"1.0\"?><a><![CDATA[{line}]]></a>").into_bytes(),
        ),
        found("SOAP", {
            format!("<soap:Envelope xmlns:soap=\"x\"><b>{line}</b></soap:Envelope>").into_bytes()
        }),
        found("fields of a form", format!("a=1&b={}", percent(&line)).into_bytes())
            .of_type("application/x-www-form-urlencoded"),
        found("base64 alone", line.clone().into_bytes()),
        found("base64 alone, lines", base64_lines(file, 64).into_bytes()),
        found("PEM", {
            let lines = base64_lines(file, 64);
            format!("-----BEGIN CERTIFICATE-----\r\n{lines}-----END CERTIFICATE-----\r\n")
                .into_bytes()
        }),
        found("hex digits alone", hex.clone().into_bytes()),
        found("hex digits, capitals", hex.to_uppercase().into_bytes()),
        found("script of a shell", {
            format!("#!/bin/sh\nbase64 -d > a.exe <<E\n{}E\n", base64_lines(file, 76)).into_bytes()
        }),
        found("script of PowerShell", {
            format!("$b = [Convert]::FromBase64String('{line}')\n").into_bytes()
        }),
    ]
}
