//! Responses that were cut because a rule refused them after a part of them had left. A client that asks
//! for the rest of one (RFC 9110 §14.2) is refused at once; whoever asks for the whole has it looked at
//! as if nothing had been. Where something was found after all of a response had left, nobody gets it again:
//! to look at it once more would be too late once more.
//!
//! What is remembered is bounded in number and in time, and ends with the policy.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::Fields;

use crate::judge::RuleName;

/// Cuts that are remembered; of more the first ones are forgotten.
const CUTS_MAX: usize = 1_024;
/// Bytes of a URL and of a validator; what is longer is not remembered, and is looked at as a whole.
const TEXT_BYTES_MAX: usize = 2_048;
/// How long.
const KEPT: Duration = Duration::from_secs(600);

/// What was cut under one policy. Threads share it.
#[derive(Debug, Default)]
pub struct Cuts {
    /// Whether there is any, so that nobody takes a lock for nothing.
    any: AtomicBool,
    cuts: Mutex<VecDeque<Cut>>,
}

#[derive(Debug)]
struct Cut {
    /// Who is refused; everybody if nobody is named.
    client: Option<IpAddr>,
    url: String,
    /// The validator of the response, if it had one that could name it in `If-Range`.
    validator: Option<Bytes>,
    rule: RuleName,
    at: Instant,
}

/// Why a request is refused for what became of one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It asks for the rest of what was cut.
    WasCut,
    /// Something was found in the response once it had left.
    FoundLate,
}

impl Cuts {
    /// A response to `client` from `url` with this `validator` was cut by `rule`.
    pub(crate) fn note(
        &self,
        client: IpAddr,
        url: &str,
        validator: Option<Bytes>,
        rule: &RuleName,
        now: Instant,
    ) {
        self.remember(Some(client), url, validator, rule, now);
    }

    /// Something was found in what came from `url` after all of it had left: nobody gets it again.
    pub(crate) fn poison(&self, url: &str, rule: &RuleName, now: Instant) {
        self.remember(None, url, None, rule, now);
    }

    fn remember(
        &self,
        client: Option<IpAddr>,
        url: &str,
        validator: Option<Bytes>,
        rule: &RuleName,
        now: Instant,
    ) {
        let long = validator.as_ref().is_some_and(|text| text.len() > TEXT_BYTES_MAX);
        if url.len() > TEXT_BYTES_MAX || long {
            return;
        }
        let mut cuts = self.cuts.lock().unwrap_or_else(PoisonError::into_inner);
        cuts.retain(|cut| cut.client != client || cut.url != url);
        if cuts.len() == CUTS_MAX {
            cuts.pop_front();
        }
        let (url, rule) = (url.to_owned(), rule.clone());
        cuts.push_back(Cut { client, url, validator, rule, at: now });
        self.any.store(true, Ordering::Release);
    }

    /// The rule for whose sake `client` does not get `url`, by the `fields` of its request: because it asks
    /// for the rest of what was cut, or for what nobody gets.
    pub(crate) fn rule_against(
        &self,
        client: IpAddr,
        url: &str,
        fields: &Fields,
        now: Instant,
    ) -> Option<(RuleName, Why)> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let mut cuts = self.cuts.lock().unwrap_or_else(PoisonError::into_inner);
        cuts.retain(|cut| now.saturating_duration_since(cut.at) < KEPT);
        let mut of_url = cuts.iter().filter(|cut| cut.url == url);
        if let Some(cut) = of_url.clone().find(|cut| cut.client.is_none()) {
            return Some((cut.rule.clone(), Why::FoundLate));
        }
        let cut = of_url.find(|cut| cut.client == Some(client))?;
        fields.get("range")?;
        let is_another = match (fields.get("if-range"), &cut.validator) {
            // With another validator the origin sends the whole, if it is another one.
            (Some(asked), Some(known)) => asked != &known[..],
            (None | Some(_), _) => false,
        };
        (!is_another).then(|| (cut.rule.clone(), Why::WasCut))
    }
}

/// What names the response with these `fields` in `If-Range`: its entity-tag, else its date.
pub(crate) fn validator(fields: &Fields) -> Option<Bytes> {
    let value = fields.get("etag").or_else(|| fields.get("last-modified"))?;
    Some(Bytes::copy_from_slice(value))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "some instant to count from")]
mod tests {
    use super::*;

    fn fields(lines: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in lines {
            fields.append(name, *value).unwrap();
        }
        fields
    }

    #[test]
    fn the_rest_of_what_was_cut_is_known_by_client_url_and_validator() {
        let (cuts, now) = (Cuts::default(), Instant::now());
        let (one, other): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let rule = RuleName { id: "av".into(), name: "Malware".into() };
        let range = ("range", "bytes=4-");
        let found = |client, url: &str, lines: &[(&str, &str)], now| {
            cuts.rule_against(client, url, &fields(lines), now).map(|(rule, _)| rule.id)
        };
        assert_eq!(found(one, "http://a/x", &[range], now), None);
        cuts.note(one, "http://a/x", Some(Bytes::from_static(b"\"v1\"")), &rule, now);
        let av = Some("av".to_owned());
        for (client, url, lines, expected) in [
            (one, "http://a/x", &[range][..], &av),
            (one, "http://a/x", &[range, ("if-range", "\"v1\"")], &av),
            (one, "http://a/x", &[range, ("if-range", "\"v2\"")], &None),
            (one, "http://a/x", &[], &None),
            (one, "http://a/y", &[range], &None),
            (other, "http://a/x", &[range], &None),
        ] {
            assert_eq!(&found(client, url, lines, now), expected, "{client} {url} {lines:?}");
        }
        assert_eq!(found(one, "http://a/x", &[range], now + KEPT), None);
    }

    #[test]
    fn what_was_found_late_is_refused_to_everybody() {
        let (cuts, now) = (Cuts::default(), Instant::now());
        let rule = RuleName { id: "clamd".into(), name: "clamd".into() };
        cuts.poison("http://a/x", &rule, now);
        for (host, url, lines, refused) in [
            (1, "http://a/x", &[][..], true),
            (2, "http://a/x", &[("range", "bytes=4-"), ("if-range", "\"v2\"")][..], true),
            (1, "http://a/y", &[], false),
        ] {
            let client: IpAddr = [192, 0, 2, host].into();
            let found = cuts.rule_against(client, url, &fields(lines), now);
            let found = found.map(|(rule, why)| (rule.id, why));
            let expected = refused.then(|| (rule.id.clone(), Why::FoundLate));
            assert_eq!(found, expected, "{host} {url}");
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (cuts, now) = (Cuts::default(), Instant::now());
        let client: IpAddr = [192, 0, 2, 1].into();
        let rule = RuleName { id: "av".into(), name: "Malware".into() };
        for number in 0..=CUTS_MAX {
            cuts.note(client, &format!("http://a/{number}"), None, &rule, now);
        }
        cuts.note(client, &"x".repeat(TEXT_BYTES_MAX + 1), None, &rule, now);
        let range = fields(&[("range", "bytes=4-")]);
        assert!(
            cuts.rule_against(client, "http://a/0", &range, now).is_none(),
            "the first is forgotten"
        );
        assert!(cuts.rule_against(client, "http://a/1", &range, now).is_some());
        assert_eq!(cuts.cuts.lock().unwrap().len(), CUTS_MAX);
    }
}
