//! Tenant control: the header fields by which services let nobody in but members of an
//! organisation, each with the hosts that it is for.

use super::{HeaderChange, HeaderOperation};
use crate::suggest;

/// A service that can be told who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tenant {
    /// ChatGPT: ids of workspaces.
    ChatGpt,
    /// Dropbox: ids of teams.
    Dropbox,
    /// GitHub: short names of enterprises.
    GitHub,
    /// Google Workspace: domains.
    Google,
    /// Microsoft 365: domains or ids of tenants; needs `MicrosoftContext` too.
    Microsoft,
    /// Microsoft 365: the id of the directory that sets the restriction.
    MicrosoftContext,
    /// Microsoft accounts of no organisation: `restrict-msa` keeps them out.
    MicrosoftPersonal,
    /// Microsoft 365, tenant restrictions v2: `tenant:policy`, two ids.
    MicrosoftPolicy,
    /// Slack: ids of workspaces.
    Slack,
    /// Slack: the id of the workspace, or of the organisation, that sets the restriction.
    SlackRequester,
    /// YouTube: `Strict` or `Moderate`.
    YouTube,
}

/// Why there is no such restriction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TenantError {
    /// No service is called so.
    #[error("no tenant control is called `{name}`{}", suggest::hint(suggestion.as_deref()))]
    Unknown {
        /// The name given.
        name: String,
        /// A name that is there and similar.
        suggestion: Option<String>,
    },
    /// Nobody is named.
    #[error("the tenant control `{name}` names nobody: {expected}")]
    Empty {
        /// Its name.
        name: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// It takes one value, or only certain ones.
    #[error("the tenant control `{name}` takes {expected}, found `{found}`")]
    Value {
        /// Its name.
        name: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What was found.
        found: String,
    },
}

/// What a preset is made of.
struct Preset {
    name: &'static str,
    header: &'static str,
    expected: &'static str,
    hosts: &'static [&'static str],
}

const MICROSOFT: &[&str] =
    &["login.microsoftonline.com", "login.microsoft.com", "login.windows.net"];
const SLACK: &[&str] = &["slack.com"];

impl Tenant {
    /// Every preset, by name.
    pub const ALL: [Self; 11] = [
        Self::ChatGpt,
        Self::Dropbox,
        Self::GitHub,
        Self::Google,
        Self::Microsoft,
        Self::MicrosoftContext,
        Self::MicrosoftPersonal,
        Self::MicrosoftPolicy,
        Self::Slack,
        Self::SlackRequester,
        Self::YouTube,
    ];

    const fn preset(self) -> Preset {
        let (name, header, expected, hosts): (_, _, _, &'static [&'static str]) = match self {
            Self::ChatGpt => (
                "chatgpt",
                "ChatGPT-Allowed-Workspace-Id",
                "ids of workspaces",
                &["chatgpt.com", "chat.openai.com", "auth.openai.com"],
            ),
            Self::Dropbox => {
                ("dropbox", "X-Dropbox-allowed-Team-Ids", "ids of teams", &["dropbox.com"])
            }
            Self::GitHub => (
                "github",
                "sec-GitHub-allowed-enterprise",
                "short names of enterprises",
                &["github.com", "githubcopilot.com", "githubusercontent.com"],
            ),
            Self::Google => (
                "google",
                "X-GoogApps-Allowed-Domains",
                "domains",
                &["google.com", "gmail.com", "googleapis.com", "googleusercontent.com"],
            ),
            Self::Microsoft => {
                ("microsoft", "Restrict-Access-To-Tenants", "domains or ids of tenants", MICROSOFT)
            }
            Self::MicrosoftContext => (
                "microsoft_context",
                "Restrict-Access-Context",
                "the id of one directory",
                MICROSOFT,
            ),
            Self::MicrosoftPersonal => (
                "microsoft_personal",
                "sec-Restrict-Tenant-Access-Policy",
                "`restrict-msa`",
                &["login.live.com"],
            ),
            Self::MicrosoftPolicy => (
                "microsoft_policy",
                "sec-Restrict-Tenant-Access-Policy",
                "one `tenant:policy`",
                MICROSOFT,
            ),
            Self::Slack => ("slack", "X-Slack-Allowed-Workspaces", "ids of workspaces", SLACK),
            Self::SlackRequester => (
                "slack_requester",
                "X-Slack-Allowed-Workspaces-Requester",
                "the id of one workspace or organisation",
                SLACK,
            ),
            Self::YouTube => (
                "youtube",
                "YouTube-Restrict",
                "`Strict` or `Moderate`",
                &[
                    "www.youtube.com",
                    "m.youtube.com",
                    "youtubei.googleapis.com",
                    "youtube.googleapis.com",
                    "www.youtube-nocookie.com",
                ],
            ),
        };
        Preset { name, header, expected, hosts }
    }

    /// The name used in policies, such as `google`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.preset().name
    }

    /// The header field that the service reads.
    #[must_use]
    pub const fn header(self) -> &'static str {
        self.preset().header
    }

    /// The domains whose hosts, and those below, get it.
    #[must_use]
    pub const fn hosts(self) -> &'static [&'static str] {
        self.preset().hosts
    }

    /// The preset called `name`.
    ///
    /// # Errors
    /// [`TenantError::Unknown`].
    pub fn from_name(name: &str) -> Result<Self, TenantError> {
        Self::ALL.into_iter().find(|tenant| tenant.name() == name).ok_or_else(|| {
            let names = Self::ALL.iter().map(|tenant| tenant.name());
            let suggestion = suggest::closest(name, names).map(str::to_owned);
            TenantError::Unknown { name: name.to_owned(), suggestion }
        })
    }

    /// The change of requests that lets in nobody but `values`: whatever the client itself has
    /// written is replaced.
    ///
    /// # Errors
    /// [`TenantError`] where the values are none that the service takes.
    pub fn change<'v>(
        self,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Result<HeaderChange, TenantError> {
        let Preset { name, header, expected, hosts } = self.preset();
        let values: Vec<&str> = values.into_iter().map(str::trim).collect();
        let wrong = |found: &str| TenantError::Value { name, expected, found: found.to_owned() };
        match self {
            _ if values.iter().all(|value| value.is_empty()) => {
                return Err(TenantError::Empty { name, expected });
            }
            Self::MicrosoftContext | Self::SlackRequester if values.len() != 1 => {
                return Err(wrong(&values.join(",")));
            }
            Self::MicrosoftPolicy
                if values.len() != 1 || !values.iter().all(|value| value.contains(':')) =>
            {
                return Err(wrong(&values.join(",")));
            }
            Self::MicrosoftPersonal if values != ["restrict-msa"] => {
                return Err(wrong(&values.join(",")));
            }
            Self::YouTube if !matches!(values[..], ["Strict" | "Moderate"]) => {
                return Err(wrong(&values.join(",")));
            }
            _ => {}
        }
        let mut change = HeaderChange::new(HeaderOperation::Set, header, values.join(","));
        change.hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        Ok(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::HeaderChanges;
    use crate::scheme::Scheme;

    #[test]
    fn presets_are_sound_and_in_order() {
        assert!(Tenant::ALL.map(Tenant::name).is_sorted());
        for tenant in Tenant::ALL {
            let value = match tenant {
                Tenant::MicrosoftPersonal => "restrict-msa",
                Tenant::MicrosoftPolicy => "a:b",
                Tenant::YouTube => "Strict",
                _ => "x",
            };
            let change = tenant.change([value]).expect(value);
            assert_eq!((&*change.name, &*change.value), (tenant.header(), value));
            assert_eq!(change.hosts, tenant.hosts());
            let changes = HeaderChanges { request: vec![change], response: Vec::new() };
            assert!(changes.prepare(&Scheme::gateway()).is_ok());
            assert_eq!(Tenant::from_name(tenant.name()), Ok(tenant));
        }
    }

    #[test]
    fn values_are_checked() {
        let text = |tenant: Tenant, values: &[&'static str]| {
            tenant.change(values.iter().copied()).map_err(|error| error.to_string())
        };
        let google = text(Tenant::Google, &["a.example", " b.example"]).expect("sound");
        assert_eq!(google.value, "a.example,b.example");
        assert!(text(Tenant::Google, &[]).is_err_and(|e| e.contains("names nobody")));
        assert!(text(Tenant::YouTube, &["strict"]).is_err_and(|e| e.contains("found `strict`")));
        assert!(text(Tenant::MicrosoftContext, &["a", "b"]).is_err());
        assert!(text(Tenant::MicrosoftPolicy, &["a"]).is_err());
        let unknown = Tenant::from_name("gogle").expect_err("no name").to_string();
        assert_eq!(unknown, "no tenant control is called `gogle`; did you mean `google`?");
    }
}
