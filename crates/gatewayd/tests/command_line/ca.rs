//! `gateway-proxy ca`, and what the first start leaves behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::program::Folder;

const STATE: [&str; 2] = ["--state", "state"];

fn ca(folder: &Folder, arguments: &[&str]) -> crate::program::Answer {
    folder.run(&[&STATE[..], &["ca"], arguments].concat())
}

#[test]
fn init_makes_the_state_folder_once() {
    let folder = Folder::new();
    let answer = ca(&folder, &["init", "--name", "Ours"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(answer.text().starts_with("created\nsubject      CN=Ours\n"), "{answer:?}");
    let mode = |name: &str| {
        fs::metadata(folder.path("state").join(name)).unwrap().permissions().mode() & 0o777
    };
    let files = ["ca.key", "ca.pem", "gateway.toml", "policy/rules.toml", "policy/dlp.toml"];
    assert_eq!(files.map(mode), [0o600; 5]);
    assert_eq!(["", "log", "policy/av"].map(mode), [0o700; 3]);

    let before = fs::read(folder.path("state/ca.key")).unwrap();
    let answer = ca(&folder, &["init", "--name", "Other"]);
    assert!(answer.text().contains("left as it is") && answer.text().contains("CN=Ours"));
    assert_eq!(fs::read(folder.path("state/ca.key")).unwrap(), before);
}

#[test]
fn without_state_the_environment_says_where() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["ca", "init"]).status, 0);
    assert!(folder.path("xdg/gateway/ca.pem").is_file());
}

#[test]
fn both_exports_are_the_certificate_that_show_describes() {
    let folder = Folder::new();
    ca(&folder, &["init"]);
    let pem = ca(&folder, &["export"]).out;
    let der = ca(&folder, &["export", "--form", "der"]).out;
    assert_eq!(CertificateDer::from_pem_slice(&pem).unwrap().as_ref(), der);
    assert!(!String::from_utf8(pem).unwrap().contains("PRIVATE"));
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &der);
    let hex: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    for command in ["show", "trust"] {
        let answer = ca(&folder, &[command]);
        assert!(answer.text().contains(&hex.join(":")), "{answer:?}");
    }
    let trust = ca(&folder, &["trust"]);
    let file = folder.path("state/ca.pem").display().to_string();
    assert!(trust.text().contains(&format!("curl --cacert {file}")), "{trust:?}");
    assert!(trust.text().contains(&format!("export SSL_CERT_FILE={file}")), "{trust:?}");
    assert!(!trust.text().contains(['{', '}']), "{trust:?}");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = Folder::new();
    ca(&folder, &["init"]);
    let key = folder.path("state/ca.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let answer = ca(&folder, &["show"]);
    assert_eq!((answer.status, answer.text()), (2, ""));
    assert!(answer.err.contains("mode 644") && answer.err.contains("chmod 600"), "{answer:?}");
}

#[test]
fn without_a_ca_the_commands_say_so() {
    let folder = Folder::new();
    let answer = ca(&folder, &["show"]);
    assert_eq!(answer.status, 2);
    assert!(answer.err.contains("no CA at") && answer.err.contains("ca init"), "{answer:?}");
    assert!(!folder.path("state").exists());
}
