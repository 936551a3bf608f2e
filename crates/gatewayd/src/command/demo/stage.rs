//! What the demo's gateway is given: settings, a policy and people, written into a folder as an
//! administrator writes them.

use std::error::Error;
use std::path::{Path, PathBuf};

use super::origin::Origin;
use super::outside::Outside;
use super::steps::{PRIVATE, PUBLIC};
use super::worker;
use crate::args::GlobalArgs;
use crate::{identity, state};

/// The rules of the demo: those of a new policy, with data loss blocked, and one host left alone.
const RULES: &str = r#"
[[rule]]
id = "bank"
name = "Banking is private"
layer = "http"
action = "off"
filter = 'net.sni.host == "bank.example"'

[[rule]]
id = "staff"
name = "For the staff alone"
layer = "http"
action = "block"
filter = 'http.request.uri.query contains "staff" and not any(identity.groups.name[*] == "staff")'

[[rule]]
id = "malware"
name = "Malware"
layer = "http"
action = "block"
filter = "av.infected"

[[rule]]
id = "cards"
name = "Payment card numbers stay here"
layer = "http"
action = "block"
filter = 'any(dlp.upload.profiles[*] == "financial")'
"#;

/// The files of a gateway.
pub(super) struct Stage {
    dir: PathBuf,
}

impl Stage {
    /// Writes everything into `dir`, for an `origin` and for what there is of programs outside.
    pub(super) fn set(
        dir: &Path,
        origin: &Origin,
        outside: &Outside,
        workerd: Option<&Path>,
    ) -> Result<Self, Box<dyn Error>> {
        let stage = Self { dir: dir.to_owned() };
        std::fs::create_dir(dir.join("policy"))?;
        let mut rules = RULES.to_owned();
        if workerd.is_some() {
            worker::add(&dir.join("policy/workers"))?;
            rules.push_str(worker::RULE);
        }
        std::fs::write(stage.rules(), rules)?;
        std::fs::write(dir.join("policy/dlp.toml"), state::DLP_TOML)?;
        std::fs::write(dir.join("users.toml"), users()?)?;
        std::fs::write(stage.settings(), settings(origin, outside, workerd))?;
        Ok(stage)
    }

    /// What the command line of a gateway with these files says.
    pub(super) fn flags(&self) -> GlobalArgs {
        GlobalArgs { state: Some(self.dir.clone()), config: None }
    }

    /// The file of settings.
    pub(super) fn settings(&self) -> PathBuf {
        self.dir.join("gateway.toml")
    }

    /// The file of rules.
    pub(super) fn rules(&self) -> PathBuf {
        self.dir.join("policy/rules.toml")
    }
}

fn settings(origin: &Origin, outside: &Outside, workerd: Option<&Path>) -> String {
    let port = origin.address.port();
    let origin_ca = quoted(&origin.ca_file);
    let mut settings = format!(
        "listen = [\"127.0.0.1:0\"]\n\
         connect_ports = [{port}]\n\n\
         [socks]\noffer = \"tcp+udp\"\n\n\
         [origin]\nsystem_roots = false\nextra_ca = [{origin_ca}]\nallow = [\"127.0.0.0/8\"]\n\n\
         [resolve]\n\"{PUBLIC}\" = [\"127.0.0.1\"]\n\"{PRIVATE}\" = [\"127.0.0.1\"]\n\n\
         [identity]\nusers = \"users.toml\"\n\n\
         [log]\nterminal = \"off\"\n\n\
         [reload]\nwatch_ms = 50\n\n\
         [monitor]\nlisten = [\"127.0.0.1:0\"]\n"
    );
    if let Some(workerd) = workerd {
        settings.push_str(&format!("\n[workers]\nworkerd = {}\n", quoted(workerd)));
    }
    settings.push_str(&outside.settings());
    settings
}

/// A path as TOML has it.
pub(super) fn quoted(path: &Path) -> String {
    toml::Value::from(path.display().to_string()).to_string()
}

/// Two users whose passwords are their names.
fn users() -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for (name, group) in [("alice", "staff"), ("guest", "guests")] {
        let hash = identity::hash(name.as_bytes())?;
        text.push_str(&format!(
            "[[user]]\nname = \"{name}\"\npassword = \"{hash}\"\n\
             email = \"{name}@corp.example\"\ngroups = [\"{group}\"]\n"
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy;

    #[test]
    fn nothing_is_odd_about_the_rules() {
        let folder = crate::scratch::Scratch::new();
        let file = folder.path().join("rules.toml");
        let rules = format!("{RULES}{}", worker::RULE);
        std::fs::write(&file, &rules).unwrap();
        let mut warnings = Vec::new();
        let loaded = policy::load_rules(&file, policy::Known::default(), &mut warnings).unwrap();
        let odd = policy::lint(&file, &loaded).unwrap();
        assert!(odd.is_empty() && warnings.is_empty(), "{odd:?} {warnings:?}");
        assert!(policy::tidy(&file, &rules).unwrap().changed.is_empty());
    }
}
