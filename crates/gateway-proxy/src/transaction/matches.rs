//! What the record of a transaction shows of what was found in its bodies.

use std::collections::BTreeSet;
use std::sync::Arc;

use gateway_inspect::{Mask, Quote, Shown};
use gateway_log::{Direction, DlpMatch, DlpMatches, Record};
use gateway_rules::Named;

use super::Transaction;
use crate::body::Body;
use crate::matches::{MatchLog, PayloadMatch};

impl Transaction {
    /// Writes the matches in both bodies into the record, those masked that it is to show, those sealed
    /// that rules have kept.
    pub(super) fn fill_matches(&self, record: &mut Record) {
        if !self.policy.quotes() {
            return;
        }
        let log = &self.policy.settings.matches;
        let request_id = String::from_utf8_lossy(record.request_id.as_bytes()).into_owned();
        let bodies = [
            (Direction::Upload, Some(&self.request.body)),
            (Direction::Download, self.response.body.as_ref()),
        ];
        for (direction, body) in bodies {
            let Some(body) = body else { continue };
            let quotes = different(body.quotes());
            if quotes.is_empty() {
                continue;
            }
            let kept = kept(&quotes, body, &self.judge.payload_of(direction), log);
            let sealer = log.sealer.as_ref().filter(|_| !kept.is_empty());
            let sealed = sealer.map(|sealer| sealer.seal(&request_id, direction, &kept));
            let matches: &mut DlpMatches = match direction {
                Direction::Upload => &mut record.inspection.upload_dlp,
                _ => &mut record.inspection.download_dlp,
            };
            matches.matches =
                quotes.iter().take(log.shown_max).map(|quote| shown(quote, log)).collect();
            match sealed {
                None => {}
                Some(Ok(sealed)) => matches.payload = sealed.as_str().into(),
                Some(Err(error)) => record.warnings.push(error.to_string().into()),
            }
        }
    }
}

/// The quotes without those of which the same stands in the plainer form of a part, or in a member, too.
fn different(quotes: Vec<Quote>) -> Vec<Quote> {
    let mut seen: Vec<(Arc<str>, String, Arc<str>)> = Vec::new();
    let mut different = Vec::with_capacity(quotes.len());
    for quote in quotes {
        let Shown { matched, .. } = quote.show(|_| Mask::Clear);
        let is_again = seen.iter().any(|(entry, text, part)| {
            *entry == quote.entry.id && *text == matched && *part != quote.part
        });
        if !is_again {
            seen.push((quote.entry.id.clone(), matched, quote.part.clone()));
            different.push(quote);
        }
    }
    different
}

/// One match as the record shows it.
fn shown(quote: &Quote, log: &MatchLog) -> DlpMatch {
    let mut one = DlpMatch::default();
    one.entry = quote.entry.id.as_ref().into();
    one.part = quote.part.as_ref().into();
    one.start = quote.span.start.as_u64();
    one.shown =
        quote.show(|entry| entry.mask(|profile| profile.mask, log.mask)).matched.as_str().into();
    one
}

/// What is to be sealed: findings of profiles that are `named` and match.
fn kept(quotes: &[Quote], body: &Body, named: &Named, log: &MatchLog) -> Vec<PayloadMatch> {
    if *named == Named::Nothing {
        return Vec::new();
    }
    let (matching, _) = body.found().of_dlp();
    let matching: BTreeSet<&str> = matching.into_iter().map(AsRef::as_ref).collect();
    let is_meant =
        |quote: &&Quote| {
            quote.entry.profiles.iter().any(|profile| {
                matching.contains(&*profile.id) && named.contains(profile.id.as_bytes())
            })
        };
    let payload = |quote: &Quote| {
        let mask = |entry: &gateway_inspect::Entry| {
            entry.mask(|profile| profile.payload_mask, log.payload_mask)
        };
        let Shown { before, matched, after } = quote.show(mask);
        PayloadMatch {
            entry: quote.entry.id.clone(),
            profiles: quote.entry.profiles.iter().map(|profile| profile.id.clone()).collect(),
            confidence: quote.confidence,
            part: quote.part.to_string(),
            start: quote.span.start.as_u64(),
            end: quote.span.end.as_u64(),
            before,
            matched,
            after,
        }
    };
    quotes.iter().filter(is_meant).map(payload).collect()
}
