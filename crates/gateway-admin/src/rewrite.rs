//! Rules in Cloudflare's JSON form, written into the text of `rules.toml` without a gateway: what
//! the API does with them, for those who have the two texts alone.

use crate::problem::Problem;
use crate::rule_json::{Replacement, RuleJson};
use crate::rule_text::RuleText;

/// Why rules cannot be written into a text.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.detail())]
pub struct RewriteError(Problem);

/// What `text`, a `rules.toml`, becomes when the rules of `body` take the place of all that are in
/// it: `{"rules": […]}`, or an answer of Cloudflare's API with its `result`. Comments and spelling
/// of rules that stay are kept. Whether filters are right is not asked.
///
/// ```
/// let body = br#"{"rules": [{"id": "a", "action": "block", "filters": ["http"], "traffic": "av.infected"}]}"#;
/// let text = gateway_admin::rewrite_rules("# ours\n", body)?;
/// assert!(text.contains("# ours\n") && text.contains("filter = \"av.infected\""));
/// # Ok::<(), gateway_admin::RewriteError>(())
/// ```
///
/// # Errors
///
/// [`RewriteError`] if `text` is no TOML, `body` is not of that form, or says what the gateway does
/// not offer.
pub fn rewrite_rules(text: &str, body: &[u8]) -> Result<String, RewriteError> {
    let write = || {
        let replacement: Replacement = serde_json::from_slice(body)
            .map_err(|error| Problem::request(format!("the rules are not understood: {error}")))?;
        let rules = replacement.rules.into_iter().map(RuleJson::checked);
        let mut text = RuleText::read(text)?;
        text.replace(rules.collect::<Result<_, _>>()?)?;
        Ok(text.write())
    };
    write().map_err(RewriteError)
}
