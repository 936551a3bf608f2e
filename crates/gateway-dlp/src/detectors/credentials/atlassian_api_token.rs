//! `atlassian_api_token`: Atlassian API token.
//!
//! **Format.** `ATATT3`, 180 to 200 letters, digits, `-`, `_` or `=`, then `=` and eight
//! hexadecimal digits; or `ATCTT3xFfGN0`, which opens a repository, project or workspace of
//! Bitbucket, 80 or more, and the same. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `atlassian-api-token`. On the kind: Atlassian
//! Support, "Manage API tokens for your Atlassian account".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "atlassian_api_token",
    name: "Atlassian API token",
    summary: "Atlassian API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["atlassian", "confluence", "jira"],
    pattern: r"(?:ATATT3[0-9A-Za-z_=-]{180,}|ATCTT3xFfGN0[0-9A-Za-z_-]{80,})=[0-9A-F]{8}\b{end-half}",
    match_bytes_max: 224,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "token: ATCTT3xFfGN0Zn4T8-WvXX2HdNK44cjXQVIoSTsp5svg_LRTlGrwQ2d8m3Dze9n2cldhT-7JZjyUDevwBJSMglyU59Fo95X07mVvp_DKOHQ9UODdfdFd2lA2D-FNQEoQ-_xZ90txdegvcU-G7lJ2m7erV7xnuILoVGbuLI4C0GRwa9xed3XBYq=393A96E7",
            &[
                "ATCTT3xFfGN0Zn4T8-WvXX2HdNK44cjXQVIoSTsp5svg_LRTlGrwQ2d8m3Dze9n2cldhT-7JZjyUDevwBJSMglyU59Fo95X07mVvp_DKOHQ9UODdfdFd2lA2D-FNQEoQ-_xZ90txdegvcU-G7lJ2m7erV7xnuILoVGbuLI4C0GRwa9xed3XBYq=393A96E7",
            ],
        ),
        example(
            r#"token = "ATATT3gu_J-VfJu0z3pP2MXCfjAC2F5j2ST7aVR4_N6g7vaZrAftnM0eA3-NKn2NW-prTSH4GoYtsSZaIVv2imC=dQwth6ZBDXfI64VM2da0k_I1jXIhXzEou73yP03ifrec_iSQPZwDMBD_L6aKb1zGqTpth9jsof675Ck6z6SJ5MlgE=MXA-uqWBfR=175D9E2A""#,
            &[
                "ATATT3gu_J-VfJu0z3pP2MXCfjAC2F5j2ST7aVR4_N6g7vaZrAftnM0eA3-NKn2NW-prTSH4GoYtsSZaIVv2imC=dQwth6ZBDXfI64VM2da0k_I1jXIhXzEou73yP03ifrec_iSQPZwDMBD_L6aKb1zGqTpth9jsof675Ck6z6SJ5MlgE=MXA-uqWBfR=175D9E2A",
            ],
        ),
        example(
            "Authorization: Bearer ATATT33IKWfxGe9GVIV=Vxh7EeJzbOdCXHKgEv3XEi1X2L8gF4eX5HZx3rlJa=c7XXx-bb71FXs7tN5_Mtosau0poBSRWCieda6llC883xhGr85bZ6wolKWvytjSqNly3R8KPxa1esRfudBmAYLBGpLc4vn2CuQLj81U1G68-FR8=WELTSclmeaBmM=58812608",
            &[
                "ATATT33IKWfxGe9GVIV=Vxh7EeJzbOdCXHKgEv3XEi1X2L8gF4eX5HZx3rlJa=c7XXx-bb71FXs7tN5_Mtosau0poBSRWCieda6llC883xhGr85bZ6wolKWvytjSqNly3R8KPxa1esRfudBmAYLBGpLc4vn2CuQLj81U1G68-FR8=WELTSclmeaBmM=58812608",
            ],
        ),
        example(
            "cut short ATATT3gu_J-VfJu0z3pP2MXCfjAC2F5j2ST7aVR4_N6g7vaZrAftnM0eA3-NKn2NW-prTSH4GoYtsSZaIVv2imC=dQwth6ZBDX",
            &[],
        ),
        example(
            "a placeholder ATATT3xx_x-xxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxx-xxxxxx-xxxxxxxxxxxxxxxxxxxxx=xxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=xxx-xxxxxx=xxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
