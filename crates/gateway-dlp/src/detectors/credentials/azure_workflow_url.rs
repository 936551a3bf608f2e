//! `azure_workflow_url`: signed URL of an Azure Logic App or a flow of Power Automate.
//!
//! **Format.** `.logic.azure.com`, or `.api.powerplatform.com` and
//! `/powerautomate/automations/direct`, for some `:443`, `/workflows/`, 32 hexadecimal digits,
//! `/triggers/`, a name, `/paths/invoke`, parameters and `sig=` with 43 letters, digits, `-` or
//! `_`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The signature looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** kingfisher, `azurelogicapps.yml`; public code for the host of Power Automate.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_workflow_url",
    name: "Azure workflow URL",
    summary: "Signed URL that starts an Azure Logic App or a flow of Power Automate",
    category: Category::Credentials,
    keywords: &["azure", "webhook"],
    pattern: concat!(
        r"\.(?:logic\.azure\.com(?::443)?",
        r"|api\.powerplatform\.com(?::443)?/powerautomate/automations/direct)",
        r"/workflows/[0-9a-f]{32}/triggers/[0-9A-Za-z_-]+/paths/invoke",
        r"[0-9A-Za-z/%._-]*\?(?:[0-9A-Za-z%._/-]*=[0-9A-Za-z%._/-]*&)*sig=[0-9A-Za-z_-]{43}\b{end-half}",
    ),
    match_bytes_max: 640,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "https://prod-07.westeurope.logic.azure.com:443/workflows/fd149846d5257d7653acaafa9d88cd67/triggers/manual/paths/invoke?api-version=2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=7CpxMWU4fbi9HHag2br3nXxyUL6c5ag8uPyAGWQPwP1",
            &[
                ".logic.azure.com:443/workflows/fd149846d5257d7653acaafa9d88cd67/triggers/manual/paths/invoke?api-version=2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=7CpxMWU4fbi9HHag2br3nXxyUL6c5ag8uPyAGWQPwP1",
            ],
        ),
        example(
            r#""https://default9d2.a1.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/1b98f50044af8603f5c1dc860e7527da/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=zW09pTxKbLEzESlVdJhVTL0Ow44PM71BfAwLxALm0ff""#,
            &[
                ".api.powerplatform.com:443/powerautomate/automations/direct/workflows/1b98f50044af8603f5c1dc860e7527da/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=zW09pTxKbLEzESlVdJhVTL0Ow44PM71BfAwLxALm0ff",
            ],
        ),
        example(
            "https://prod-07.westeurope.logic.azure.com:443/workflows/fd149846d5257d7653acaafa9d88cd67/triggers/manual/paths/invoke?api-version=2016-10-01",
            &[],
        ),
        example(
            "https://prod-07.westeurope.logic.azure.com/workflows/fd149846d5257d7653acaafa9d88cd67/triggers/manual/paths/invoke?sig=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of a signature.
const SIGNATURE: usize = 43;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let signature = sample.matched.last_chunk::<SIGNATURE>()?;
    if is_random(signature) { Judgement::whole(Confidence::High) } else { None }
}
