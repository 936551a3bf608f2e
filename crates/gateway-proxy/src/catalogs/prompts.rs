//! Where requests to applications of language models carry what a person has written. It knows
//! requests by method, host and path; finding the place within a body is another's affair.

use std::sync::{Arc, LazyLock};

use super::hosts::{Domains, domain};
use super::{CatalogFault, rows};

/// The rows that are built in.
const BUILT_IN: &str = include_str!("../../data/prompts.csv");

/// Bytes of an application's name, at the most.
const NAME_BYTES_MAX: usize = 64;

/// Steps of a path in JSON, at the most.
const STEPS_MAX: usize = 32;

/// A request that carries a prompt, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The application, such as `chatgpt`.
    pub application: Arc<str>,
    /// Where in the body.
    pub location: Location,
    method: String,
    path: String,
}

/// A place in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// The values at this path in JSON.
    Json(Vec<JsonStep>),
    /// The field of this name in a form.
    Form(String),
}

/// One step of a path in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonStep {
    /// The member of this name.
    Key(String),
    /// Every element.
    Each,
}

/// Requests that carry prompts, by domain.
#[derive(Clone, Debug, Default)]
pub struct Prompts(Domains<Prompt>);

impl Prompts {
    /// The rows that are built in.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static ROWS: LazyLock<Prompts> =
            LazyLock::new(|| Prompts::parse(BUILT_IN).unwrap_or_default());
        &ROWS
    }

    /// Reads lines of `application,method,host,path,location`, as `data/prompts.csv` describes them.
    /// Lines that are empty or begin with `#` are passed over.
    ///
    /// # Errors
    /// Every line that is something else.
    pub fn parse(text: &str) -> Result<Self, Vec<CatalogFault>> {
        let rows = rows(text, |fields| {
            let [application, method, host, path, location] = fields else {
                return Err("an application, a method, a host, a path and a location");
            };
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            if !(1..=NAME_BYTES_MAX).contains(&application.len())
                || !application.bytes().all(is_name)
            {
                return Err("the name of an application: `a-z A-Z 0-9 _ -`");
            }
            if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
                return Err("a method such as `POST`, or `WS`");
            }
            if !path.starts_with(['/', '*']) {
                return Err("a path that begins with `/` or `*`");
            }
            let prompt = Prompt {
                application: (*application).into(),
                location: Location::parse(location)?,
                method: (*method).to_owned(),
                path: (*path).to_owned(),
            };
            Ok((domain(host).ok_or("a domain, in ASCII")?, prompt))
        })?;
        Ok(Self(Domains::new(rows)))
    }

    /// Whether nothing is told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.len() == 0
    }

    /// What a request of `method` (`WS` for a WebSocket) for `path`, without its query, at `host`,
    /// which is lower-case, carries.
    #[must_use]
    pub fn of_request(&self, method: &str, host: &str, path: &str) -> Option<&Prompt> {
        let fits = |prompt: &&Prompt| prompt.method == method && matches(&prompt.path, path);
        self.0.find(host).find(fits)
    }
}

impl Location {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(name) = text.strip_prefix("form:") {
            return match name {
                "" => Err("the name of a field behind `form:`"),
                name => Ok(Self::Form(name.to_owned())),
            };
        }
        let path = text.strip_prefix("json:").ok_or("`json:` and a path, or `form:` and a name")?;
        let mut steps = Vec::new();
        for part in path.split('.') {
            let (key, mut each) = part.split_at(part.find('[').unwrap_or(part.len()));
            if !key.is_empty() {
                steps.push(JsonStep::Key(key.to_owned()));
            }
            while let Some(rest) = each.strip_prefix("[*]") {
                steps.push(JsonStep::Each);
                each = rest;
            }
            if !each.is_empty() || part.is_empty() {
                return Err("a path in JSON, as in `messages[*].content`");
            }
        }
        match steps.len() {
            1..=STEPS_MAX => Ok(Self::Json(steps)),
            _ => Err("a path in JSON of up to 32 steps"),
        }
    }
}

/// Whether `text` is what `pattern` describes, in which `*` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = text.find(part) else { return false };
        text = text.get(at + part.len()..).unwrap_or_default();
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_sound_and_names_five_applications() {
        let prompts = Prompts::parse(BUILT_IN).expect("sound");
        assert_eq!(prompts.0.len(), 8);
        for (method, host, path, application) in [
            ("POST", "chatgpt.com", "/backend-api/conversation", Some("chatgpt")),
            ("POST", "chatgpt.com", "/backend-anon/f/conversation", Some("chatgpt")),
            ("GET", "chatgpt.com", "/backend-api/conversation", None),
            ("POST", "chatgpt.com", "/backend-api/conversations", None),
            ("POST", "notchatgpt.com", "/backend-api/conversation", None),
            (
                "POST",
                "claude.ai",
                "/api/organizations/a-1/chat_conversations/b/completion",
                Some("claude"),
            ),
            ("WS", "copilot.microsoft.com", "/c/api/chat", Some("copilot")),
            ("POST", "api.individual.githubcopilot.com", "/chat/completions", Some("copilot")),
            (
                "POST",
                "gemini.google.com",
                "/u/1/_/BardChatUi/data/assistant.lamda.BardFrontendService/StreamGenerate",
                Some("gemini"),
            ),
            ("POST", "www.perplexity.ai", "/rest/sse/perplexity_ask", Some("perplexity")),
        ] {
            let found = Prompts::built_in().of_request(method, host, path);
            let found = found.map(|prompt| &*prompt.application);
            assert_eq!(found, application, "{method} {host}{path}");
        }
    }

    #[test]
    fn locations_are_read() {
        let key = |key: &str| JsonStep::Key(key.to_owned());
        let each = || JsonStep::Each;
        for (text, steps) in [
            ("json:a", vec![key("a")]),
            ("json:a[*].b.c", vec![key("a"), each(), key("b"), key("c")]),
            ("json:[*][*].a", vec![each(), each(), key("a")]),
        ] {
            assert_eq!(Location::parse(text), Ok(Location::Json(steps)), "{text}");
        }
        assert_eq!(Location::parse("form:f.req"), Ok(Location::Form("f.req".into())));
        for text in ["a", "json:", "json:a..b", "json:a[0]", "form:", "json:a[*", ""] {
            assert!(Location::parse(text).is_err(), "{text}");
        }
        for line in [
            "a,POST,a.example,/x",
            "a b,POST,a.example,/x,json:a",
            "a,post,a.example,/x,json:a",
            "a,POST,ä.example,/x,json:a",
            "a,POST,a.example,x,json:a",
        ] {
            assert_eq!(Prompts::parse(line).expect_err(line).len(), 1, "{line}");
        }
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, fits) in [
            ("/a", "/a", true),
            ("/a", "/ab", false),
            ("/a*", "/a", true),
            ("/a*b", "/ab", true),
            ("/a*b", "/axbxb", true),
            ("/a*b", "/axbx", false),
            ("*/b*/c", "/a/b/x/c", true),
            ("*/b*/c", "/a/x/c", false),
            ("/aa*aa", "/aaa", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
