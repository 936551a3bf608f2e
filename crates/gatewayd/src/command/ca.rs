//! `gateway-proxy ca`: create, show and export the certificate authority, and tell how to trust
//! it. The key never leaves its file.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use gateway_tls::Authority;

use super::Ended;
use crate::args::{CaCommand, CaInitArgs, CertificateForm, GlobalArgs, RunArgs};
use crate::ca::{self, Identity, Origin, Wish};
use crate::{clock, config, startup, state};

/// Carries out `command` on the authority that the configuration names.
pub(super) fn ca(
    global: &GlobalArgs,
    command: &CaCommand,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let dir = startup::state_dir(global)?;
    let files = config::load(global.config.as_deref(), &dir, &RunArgs::default())?.config.ca;
    match command {
        CaCommand::Init(args) => {
            state::create(&dir)?;
            init(&files, args, out)?;
        }
        CaCommand::Show => show(&files, &ca::load(&files)?, out)?,
        CaCommand::Export(args) => {
            let authority = ca::load(&files)?;
            match args.form {
                CertificateForm::Pem => out.write_all(authority.cert_pem().as_bytes())?,
                CertificateForm::Der => out.write_all(authority.cert_der())?,
            }
        }
        CaCommand::Trust => {
            let authority = ca::load(&files)?;
            trust(&files.cert, &Identity::of(&authority), out)?;
        }
    }
    out.flush()?;
    Ok(Ended::Well)
}

fn init(files: &config::Ca, args: &CaInitArgs, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let wish = Wish { name: args.name.as_deref(), days: args.days };
    let (authority, origin) = ca::load_or_make(files, &wish)?;
    match origin {
        Origin::Made => writeln!(out, "created")?,
        Origin::Found => writeln!(out, "there is a CA already; it was left as it is")?,
    }
    show(files, &authority, out)?;
    Ok(())
}

fn show(files: &config::Ca, authority: &Authority, out: &mut impl Write) -> std::io::Result<()> {
    let identity = Identity::of(authority);
    writeln!(out, "subject      {}", identity.subject)?;
    writeln!(out, "valid from   {}", clock::day(identity.valid_from_unix_s))?;
    writeln!(out, "valid until  {}", clock::day(identity.valid_until_unix_s))?;
    writeln!(out, "SHA-256      {}", identity.fingerprint)?;
    writeln!(out, "certificate  {}", files.cert.display())?;
    writeln!(out, "key          {}", files.key.display())
}

/// How to make the certificate trusted, system by system. `{file}` and `{fingerprint}` stand for those
/// of the authority.
const TRUST: &str = "\
Whoever holds the key of this CA can impersonate every site to those who trust it. Compare the
fingerprint before you trust it:
  SHA-256 {fingerprint}

curl       curl --cacert {file} ...
Python     export SSL_CERT_FILE={file} REQUESTS_CA_BUNDLE={file}
Node.js    export NODE_EXTRA_CA_CERTS={file}
Git        git config --global http.sslCAInfo {file}
Java       keytool -importcert -cacerts -alias gateway -file {file}
Debian, Ubuntu
           sudo cp {file} /usr/local/share/ca-certificates/gateway.crt
           sudo update-ca-certificates
Fedora, RHEL
           sudo cp {file} /etc/pki/ca-trust/source/anchors/gateway.crt
           sudo update-ca-trust
macOS      sudo security add-trusted-cert -d -r trustRoot \\
             -k /Library/Keychains/System.keychain {file}
Windows    gateway-proxy ca export --form der > gateway.cer
           certutil -addstore Root gateway.cer            (as administrator)
Firefox    Settings, Privacy & Security, View Certificates, Authorities, Import: {file}
           or, by policy, security.enterprise_roots.enabled = true
Chrome     takes the system's trust; on Linux:
           certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n gateway -i {file}
Docker     sudo cp {file} /etc/docker/certs.d/REGISTRY/ca.crt
";

fn trust(file: &Path, identity: &Identity, out: &mut impl Write) -> std::io::Result<()> {
    let text = TRUST
        .replace("{file}", &file.display().to_string())
        .replace("{fingerprint}", &identity.fingerprint);
    out.write_all(text.as_bytes())
}
