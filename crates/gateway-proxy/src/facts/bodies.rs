//! What the bodies of a request and its response have shown.

use bytes::Bytes;
use gateway_inspect::{PartKind, Tally};
use gateway_log::Direction;
use gateway_rules::{Facts, FieldId, Phase, RuleSet, Value, field};

use super::Setter;

/// The fields that one body contributes to, by direction.
struct BodyFields {
    phase: Phase,
    profiles: FieldId,
    entries: FieldId,
    count: FieldId,
    infected: FieldId,
    signatures: FieldId,
    av_unscannable: FieldId,
    content_unscannable: FieldId,
    file_types: FieldId,
    file_size: FieldId,
    mime: FieldId,
}

const UPLOAD: BodyFields = BodyFields {
    phase: Phase::RequestBody,
    profiles: field::DLP_UPLOAD_PROFILES,
    entries: field::DLP_UPLOAD_ENTRIES,
    count: field::DLP_UPLOAD_COUNT,
    infected: field::AV_UPLOAD_INFECTED,
    signatures: field::AV_UPLOAD_SIGNATURES,
    av_unscannable: field::AV_UPLOAD_UNSCANNABLE,
    content_unscannable: field::CONTENT_UPLOAD_UNSCANNABLE,
    file_types: field::HTTP_UPLOAD_FILE_TYPES,
    file_size: field::HTTP_UPLOAD_FILE_SIZE,
    mime: field::HTTP_UPLOAD_MIME,
};

const DOWNLOAD: BodyFields = BodyFields {
    phase: Phase::ResponseBody,
    profiles: field::DLP_DOWNLOAD_PROFILES,
    entries: field::DLP_DOWNLOAD_ENTRIES,
    count: field::DLP_DOWNLOAD_COUNT,
    infected: field::AV_DOWNLOAD_INFECTED,
    signatures: field::AV_DOWNLOAD_SIGNATURES,
    av_unscannable: field::AV_DOWNLOAD_UNSCANNABLE,
    content_unscannable: field::CONTENT_DOWNLOAD_UNSCANNABLE,
    file_types: field::HTTP_DOWNLOAD_FILE_TYPES,
    file_size: field::HTTP_DOWNLOAD_FILE_SIZE,
    mime: field::HTTP_DOWNLOAD_MIME,
};

const fn body_fields(direction: Direction) -> &'static BodyFields {
    match direction {
        Direction::Upload => &UPLOAD,
        _ => &DOWNLOAD,
    }
}

/// What one body has shown so far.
pub(crate) struct BodySeen<'a> {
    pub(crate) tally: &'a Tally,
    /// What was found in the prompt that it carries, if it does.
    pub(crate) prompt: Option<&'a Tally>,
    /// The types of its parts.
    pub(crate) kinds: &'a std::collections::BTreeSet<PartKind>,
    /// The type of the body itself, once it has ended.
    pub(crate) root_kind: Option<PartKind>,
    /// Bytes of the body so far, as they are sent.
    pub(crate) bytes: u64,
}

/// What both bodies have shown so far, the one in `direction` having changed. All of it grows
/// only.
pub(crate) fn body(
    rules: &RuleSet,
    facts: &mut Facts,
    direction: Direction,
    seen: &BodySeen<'_>,
    other: Option<&Tally>,
) {
    let own = body_fields(direction);
    let mut to = Setter { rules, facts };
    let one = &[seen.tally][..];
    let both: Vec<&Tally> = one.iter().copied().chain(other).collect();
    for (tallies, profiles, entries, count, infected, signatures, av, content) in [
        (
            one,
            own.profiles,
            own.entries,
            own.count,
            own.infected,
            own.signatures,
            own.av_unscannable,
            own.content_unscannable,
        ),
        (
            &both[..],
            field::DLP_PROFILES,
            field::DLP_ENTRIES,
            field::DLP_COUNT,
            field::AV_INFECTED,
            field::AV_SIGNATURES,
            field::AV_UNSCANNABLE,
            field::CONTENT_UNSCANNABLE,
        ),
    ] {
        let texts = |of: &dyn Fn(&Tally) -> Vec<Bytes>| -> Value {
            tallies.iter().flat_map(|tally| of(tally)).collect()
        };
        let entry_ids = |tally: &Tally, scanner| {
            tally.entries(scanner).map(|(id, _)| text(id)).collect::<Vec<_>>()
        };
        let reasons = |tally: &Tally, scanner| {
            tally.unscannable(scanner).map(|r| Bytes::from_static(r.name().as_bytes())).collect()
        };
        to.set_partial(profiles, || texts(&|tally| tally.profiles().map(text).collect()));
        to.set_partial(entries, || texts(&|tally| entry_ids(tally, "dlp")));
        to.set_partial(count, || {
            let sum: u64 = tallies.iter().map(|tally| tally.count("dlp")).sum();
            i64::try_from(sum).unwrap_or(i64::MAX)
        });
        to.set_partial(infected, || tallies.iter().any(|tally| tally.count("av") > 0));
        to.set_partial(signatures, || texts(&|tally| entry_ids(tally, "av")));
        to.set_partial(av, || texts(&|tally| reasons(tally, "av")));
        to.set_partial(content, || texts(&|tally| reasons(tally, "content")));
    }
    if let Some(prompt) = seen.prompt {
        to.set_partial(field::DLP_PROMPT_PROFILES, || {
            prompt.profiles().map(text).collect::<Value>()
        });
    }
    to.set_partial(own.file_types, || seen.kinds.iter().map(|kind| kind.name()).collect::<Value>());
    to.set_partial(own.file_size, || {
        i64::try_from(seen.bytes.div_ceil(1 << 20)).unwrap_or(i64::MAX)
    });
    if let Some(kind) = seen.root_kind {
        to.set(own.mime, || kind.media_type());
    }
}

/// How many messages a WebSocket has carried from the client and from the origin.
pub(crate) fn messages(rules: &RuleSet, facts: &mut Facts, upload: u64, download: u64) {
    let mut to = Setter { rules, facts };
    for (id, count) in
        [(field::WEBSOCKET_UPLOAD_MESSAGES, upload), (field::WEBSOCKET_DOWNLOAD_MESSAGES, download)]
    {
        to.set_partial(id, || i64::try_from(count).unwrap_or(i64::MAX));
    }
}

/// The body in `direction` has ended: what it has not shown it will not show.
pub(crate) fn body_ended(facts: &mut Facts, direction: Direction) {
    facts.close(body_fields(direction).phase);
}

/// The facts as they were if no inspector found anything more, to tell whether what was found so
/// far is still undecided for another reason.
pub(crate) fn if_nothing_more_is_found(facts: &Facts, direction: Direction) -> Facts {
    let own = body_fields(direction);
    let mut settled = facts.clone();
    if let Direction::Upload = direction {
        settled.settle(field::DLP_PROMPT_PROFILES);
    }
    for id in [
        own.profiles,
        own.entries,
        own.count,
        own.infected,
        own.signatures,
        own.av_unscannable,
        own.content_unscannable,
        own.file_types,
        field::DLP_PROFILES,
        field::DLP_ENTRIES,
        field::DLP_COUNT,
        field::AV_INFECTED,
        field::AV_SIGNATURES,
        field::AV_UNSCANNABLE,
        field::CONTENT_UNSCANNABLE,
    ] {
        settled.settle(id);
    }
    settled
}

fn text(id: &std::sync::Arc<str>) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}
