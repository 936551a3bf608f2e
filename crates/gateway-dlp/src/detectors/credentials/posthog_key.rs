//! `posthog_key`: PostHog personal API key.
//!
//! **Format.** `phx_` (personal), `phs_` (feature flags), `pha_` or `phr_` (OAuth, access and
//! refresh) and 43 to 48 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `posthog-personal-api-key`. On the kind:
//! PostHog, "Personal API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "posthog_key",
    name: "PostHog personal API key",
    summary: "PostHog personal API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["posthog"],
    pattern: alone!("ph[arsx]_[0-9A-Za-z]{43,48}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "secret=phs_NGAO6jo9ftG5IEmC9Msfi2KQh5qTNp2MQdjKXon4YLWTudK",
            &["phs_NGAO6jo9ftG5IEmC9Msfi2KQh5qTNp2MQdjKXon4YLWTudK"],
        ),
        example(
            "export TOKEN=phx_wDhnnnPRMItXt0NXMxxdiom707NnWDVR7yeFkOW1eMA5cvp\n",
            &["phx_wDhnnnPRMItXt0NXMxxdiom707NnWDVR7yeFkOW1eMA5cvp"],
        ),
        example(
            "Authorization: Bearer phx_0P5VDPVWMG0Np2oFxiwrEtBhDhSQOMHEDY1zlfi7hTYLUPw",
            &["phx_0P5VDPVWMG0Np2oFxiwrEtBhDhSQOMHEDY1zlfi7hTYLUPw"],
        ),
        example("cut short phx_wDhnnnPRMItXt0NXMxxdi", &[]),
        example("a placeholder phx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
