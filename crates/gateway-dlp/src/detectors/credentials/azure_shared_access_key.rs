//! `azure_shared_access_key`: Shared access key of an Azure connection string.
//!
//! **Format.** 43 characters of base64 and `=` that are assigned to a name with `SharedAccessKey`,
//! as for Service Bus, Event Hubs, IoT Hub, Notification Hubs and Relay; or these, or 86 characters
//! and `==`, behind `;AccessKey=`, as for SignalR, Web PubSub and Communication Services; the name
//! is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** kingfisher, `azure.yml` and `azuresignalr.yml`; betterleaks,
//! `config/betterleaks.toml`, `azure-servicebus-connection-string`.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_shared_access_key",
    name: "Azure shared access key",
    summary: "Shared access key of an Azure connection string, by its name, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "sharedaccesskey"],
    pattern: concat!(
        assigned!("shared_?access_?key", "[0-9A-Za-z+/]{43}="),
        "|(?i:;accesskey=)(?:[0-9A-Za-z+/]{86}==|[0-9A-Za-z+/]{43}=)",
    ),
    match_bytes_max: 144,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=j4XMcqZ8XmYGzKhUP/UmTMDgYFtzVm+E2cAOtvSbZk1=",
            &["j4XMcqZ8XmYGzKhUP/UmTMDgYFtzVm+E2cAOtvSbZk1="],
        ),
        example(
            r#""HostName=line7.azure-devices.net;SharedAccessKeyName=owner;SharedAccessKey=mg2GtXSNGlKiVVP0H1YBxJu/S87pRqcS4ui6zWkaRaR=;x=1""#,
            &["mg2GtXSNGlKiVVP0H1YBxJu/S87pRqcS4ui6zWkaRaR="],
        ),
        example(
            "Endpoint=https://chat.service.signalr.net;AccessKey=1nzIfFJNiFF2T+9xRaBAdFdu1fq7+SBVWNcAWHsAiAs=;Version=1.0;",
            &["1nzIfFJNiFF2T+9xRaBAdFdu1fq7+SBVWNcAWHsAiAs="],
        ),
        example(
            "endpoint=https://mail.communication.azure.com/;accesskey=fhiSeIO/sQjBEaG3C75nWpuh9kb0BETHxs3nvcPFslv2mug7wkOowJeXB9cBU1xoLPzSQ531+3X34ehY5kqZ3l==",
            &[
                "fhiSeIO/sQjBEaG3C75nWpuh9kb0BETHxs3nvcPFslv2mug7wkOowJeXB9cBU1xoLPzSQ531+3X34ehY5kqZ3l==",
            ],
        ),
        example("no name before it: j4XMcqZ8XmYGzKhUP/UmTMDgYFtzVm+E2cAOtvSbZk1=", &[]),
        example(
            "SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=",
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
