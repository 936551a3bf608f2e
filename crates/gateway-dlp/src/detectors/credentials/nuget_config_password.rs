//! `nuget_config_password`: Password in a NuGet configuration.
//!
//! **Format.** `<add key="ClearTextPassword" value="…" />` or the same with `Password`, which is
//! encrypted for one account of Windows, in any case, with eight to 200 characters other than
//! quotes; the finding is what the quotes hold.
//!
//! **Validator.** The password is none that manuals name, and no reference to a variable.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `nuget-config-password`; NuGet, "nuget.config
//! reference", packageSourceCredentials.
//!
//! **Confidence.** High: the file says that it is a password.

use gateway_inspect::Confidence;

use crate::detectors::secret::is_told_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "nuget_config_password",
    name: "NuGet configuration password",
    summary: "Password of a package source in a NuGet configuration",
    category: Category::Credentials,
    keywords: &["nuget"],
    pattern: r#"(?i:<add[ \t]{1,8}key="(?:cleartext)?password"[ \t]{1,8}value=")[^"\r\n<>]{8,200}""#,
    match_bytes_max: 288,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"<add key="ClearTextPassword" value="q8!Zt2-LmV0" />"#, &["q8!Zt2-LmV0"]),
        example(
            r#"<ADD KEY="Password" VALUE="AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAAq8Zt2LmV0c"/>"#,
            &["AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAAq8Zt2LmV0c"],
        ),
        example(r#"<add key="ClearTextPassword" value="%NUGET_TOKEN%" />"#, &[]),
        example(r#"<add key="Username" value="build-agent" />"#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let [front @ .., b'"'] = sample.matched else { return None };
    let lead = front.iter().rposition(|byte| *byte == b'"')? + 1;
    let told = is_told_password(front.get(lead..)?.iter().copied());
    (!told).then_some(Judgement { confidence: Confidence::High, lead, trail: 1 })
}
