//! Answers that the gateway gives itself: block pages, error pages, redirects.
//!
//! Everything that comes from outside is escaped; nothing may be cached or run (CSP).

use std::fmt::Write;

use bytes::Bytes;
use gateway_h1h2::{BodySize, Fields, ResponseHead};
use http::StatusCode;

use crate::Settings;
use crate::progress::Running;

/// An answer of the gateway's own.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) head: ResponseHead,
    pub(crate) body: Bytes,
}

/// What a page says.
pub(crate) struct Page<'a> {
    pub(crate) status: StatusCode,
    pub(crate) title: &'a str,
    pub(crate) detail: &'a str,
    /// The rule that refused, by id and name.
    pub(crate) rule: Option<(&'a str, &'a str)>,
    pub(crate) url: &'a str,
    pub(crate) request_id: &'a str,
}

/// The form in which a client wants a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Html,
    Json,
}

impl Form {
    /// What `Accept` asks for (RFC 9110 §12.5.1): HTML for whoever names it, JSON for all others,
    /// which are programs.
    pub(crate) fn wanted_by(fields: &Fields) -> Self {
        let names_html = |value: &[u8]| {
            let mut ranges = value.split(|byte| *byte == b',');
            ranges.any(|range| {
                let essence = range.split(|byte| *byte == b';').next().unwrap_or_default();
                essence.trim_ascii().eq_ignore_ascii_case(b"text/html")
                    || essence.trim_ascii().eq_ignore_ascii_case(b"application/xhtml+xml")
            })
        };
        if fields.all("accept").any(names_html) { Self::Html } else { Self::Json }
    }
}

impl Page<'_> {
    /// The page in `form`.
    pub(crate) fn reply(&self, form: Form, settings: &Settings) -> Reply {
        let (body, media_type) = match form {
            Form::Html => (self.html(settings), "text/html; charset=utf-8"),
            Form::Json => (self.json(settings), "application/problem+json"),
        };
        own_page(self.status, media_type, self.request_id, body)
    }

    fn html(&self, settings: &Settings) -> String {
        let rule = self.rule.map_or("", |(id, name)| if name.is_empty() { id } else { name });
        let rows = rows(&[
            ("Address", self.url),
            ("Rule", rule),
            ("Request", self.request_id),
            ("Contact", &settings.contact),
        ]);
        format!(
            "{begin}{STYLE}<body><h1>{title}</h1><p>{detail}</p><dl>{rows}</dl>\
             <footer>{organisation}</footer></body></html>\n",
            begin = begin(self.title),
            title = Html(self.title),
            detail = Html(self.detail),
            organisation = Html(&settings.organisation),
        )
    }

    /// Problem details (RFC 9457).
    fn json(&self, settings: &Settings) -> String {
        let mut out = format!(
            "{{\"type\":\"about:blank\",\"title\":{},\"status\":{},\"detail\":{}",
            Json(self.title),
            self.status.as_u16(),
            Json(self.detail),
        );
        let mut member = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = write!(out, ",\"{name}\":{}", Json(value));
            }
        };
        member("instance", self.url);
        if let Some((id, name)) = self.rule {
            member("rule_id", id);
            member("rule_name", name);
        }
        member("request_id", self.request_id);
        member("organisation", &settings.organisation);
        member("contact", &settings.contact);
        out.push_str("}\n");
        out
    }
}

/// How a page of the gateway's own begins, up to what its head holds besides.
fn begin(title: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{}</title>",
        Html(title)
    )
}

/// How its head ends.
const STYLE: &str = "<style>\
    body{font:16px/1.5 system-ui,sans-serif;margin:10vh auto;max-width:38em;padding:0 1em;\
    color:#222;background:#fafafa}h1{font-size:1.5em}dt{color:#666;font-size:.8em}\
    dd{margin:0 0 .8em;overflow-wrap:anywhere}footer{color:#666;font-size:.8em}\
    @media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}}\
    </style></head>";

/// What a page tells, by name; what is empty is left out.
fn rows(told: &[(&str, &str)]) -> String {
    let mut rows = String::new();
    for (name, value) in told.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(rows, "<dt>{name}</dt><dd>{}</dd>", Html(value));
    }
    rows
}

/// A page of the gateway's own: nobody keeps it, and nothing runs in it.
fn own_page(status: StatusCode, media_type: &str, request_id: &str, body: String) -> Reply {
    let mut head = ResponseHead::new(status);
    for (name, value) in [
        ("Content-Type", media_type),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Gateway-Request-Id", request_id),
    ] {
        // Only fixed names and values without controls stand here.
        let _ = head.fields.append(name, value);
    }
    head.body = BodySize::Length(body.len() as u64);
    Reply { head, body: body.into() }
}

/// A page that stands for a download, and asks for it anew by itself.
pub(crate) struct Progress<'a> {
    pub(crate) running: &'a Running,
    /// Where the download is asked for.
    pub(crate) address: &'a str,
}

/// Seconds after which the page asks anew.
const ANEW_S: u32 = 2;

impl Progress<'_> {
    pub(crate) fn reply(&self, settings: &Settings) -> Reply {
        let Running { url, request_id, bytes, length } = self.running;
        let come = match length.filter(|length| *length > 0) {
            // The last of it is not there before all of it was looked at.
            Some(length) => {
                let percent = (u128::from(*bytes) * 100 / u128::from(length)).min(100);
                format!(
                    "<p><progress max=\"100\" value=\"{percent}\"></progress> {percent}&nbsp;% \
                     of {}</p>",
                    Size(length)
                )
            }
            None => format!("<p>{} so far</p>", Size(*bytes)),
        };
        let title = "Download is being scanned";
        let html = format!(
            "{begin}<meta http-equiv=\"refresh\" content=\"{ANEW_S};url={address}\">{style}<body>\
             <h1>{title}</h1><p>It arrives by itself as soon as it has been fetched and scanned; this page \
             can be closed then.</p>{come}<p><a href=\"{address}\">Ask now</a></p><dl>{rows}</dl>\
             <footer>{organisation}</footer></body></html>\n",
            begin = begin(title),
            style = STYLE,
            address = Html(self.address),
            rows =
                rows(&[("Address", url), ("Request", request_id), ("Contact", &settings.contact)]),
            organisation = Html(&settings.organisation),
        );
        own_page(StatusCode::OK, "text/html; charset=utf-8", request_id, html)
    }
}

/// A number of bytes, for people.
struct Size(u64);

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            bytes @ ..1_000_000 => write!(f, "{}&nbsp;kB", bytes.div_ceil(1_000)),
            bytes => write!(f, "{}.{}&nbsp;MB", bytes / 1_000_000, bytes / 100_000 % 10),
        }
    }
}

/// A redirect by a rule.
pub(crate) fn redirect(location: &str) -> Reply {
    let mut head = ResponseHead::new(StatusCode::FOUND);
    let _ = head.fields.append("Cache-Control", "no-store");
    // Rule sets take no target that a field cannot hold.
    let _ = head.fields.append("Location", location);
    Reply { head, body: Bytes::new() }
}

/// Text that HTML shows as it is.
struct Html<'a>(&'a str);

impl std::fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c if c.is_control() => f.write_char('\u{FFFD}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A JSON string (RFC 8259 §7).
struct Json<'a>(&'a str);

impl std::fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                c if c.is_control() || matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') => {
                    write!(f, "\\u{:04x}", u32::from(c))?;
                }
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(url: &str) -> Page<'_> {
        Page {
            status: StatusCode::FORBIDDEN,
            title: "Blocked",
            detail: "A rule refuses this.",
            rule: Some(("r1", "no <b>")),
            url,
            request_id: "42",
        }
    }

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let url = "http://a/\"><script>alert('x')</script>&\u{7}";
        let html = page(url).reply(Form::Html, &Settings::default());
        let text = String::from_utf8(html.body.to_vec()).unwrap();
        assert!(!text.contains("<script") && !text.contains("<b>") && !text.contains('\u{7}'));
        assert!(text.contains("&lt;script&gt;"));
        assert_eq!(html.head.fields.get("cache-control"), Some(&b"no-store"[..]));
        assert_eq!(html.head.body, BodySize::Length(html.body.len() as u64));
        let json = page(url).reply(Form::Json, &Settings::default());
        let text = String::from_utf8(json.body.to_vec()).unwrap();
        assert!(text.contains(r#""instance":"http://a/\"\u003e\u003cscript\u003ealert"#), "{text}");
    }

    #[test]
    fn a_progress_page_shows_how_far_it_is_and_asks_anew() {
        let address = "/.well-known/gateway/download/07/\"><b>";
        for (bytes, length, shown) in [
            (0, Some(1_000_000), "value=\"0\"></progress> 0&nbsp;% of 1.0&nbsp;MB"),
            (999, Some(1_998), "value=\"50\"></progress> 50&nbsp;% of 2&nbsp;kB"),
            (9, Some(3), "value=\"100\""),
            (12_345_678, None, "<p>12.3&nbsp;MB so far</p>"),
            (7, Some(0), "<p>1&nbsp;kB so far</p>"),
        ] {
            let url = "http://a/<script>".to_owned();
            let running = Running { url, request_id: "42".into(), bytes, length };
            let reply = Progress { running: &running, address }.reply(&Settings::default());
            let text = String::from_utf8(reply.body.to_vec()).unwrap();
            assert!(text.contains(shown), "{text}");
            let escaped = "/.well-known/gateway/download/07/&quot;&gt;&lt;b&gt;";
            let anew = format!("<meta http-equiv=\"refresh\" content=\"2;url={escaped}\">");
            assert!(text.contains(&anew) && !text.contains("<script"), "{text}");
            assert_eq!(reply.head.fields.get("cache-control"), Some(&b"no-store"[..]));
        }
    }

    #[test]
    fn accept_chooses_the_form() {
        for (accept, form) in [
            (Some("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"), Form::Html),
            (Some("TEXT/HTML;q=1"), Form::Html),
            (Some("application/json"), Form::Json),
            (Some("*/*"), Form::Json),
            (None, Form::Json),
        ] {
            let mut fields = Fields::new();
            if let Some(accept) = accept {
                fields.append("Accept", accept).unwrap();
            }
            assert_eq!(Form::wanted_by(&fields), form, "{accept:?}");
        }
    }
}
