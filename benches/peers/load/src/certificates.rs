//! The authorities of proxy and origin, P-256, and the origin's leaf for `localhost`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};

use crate::Failure;

/// Writes `proxy.pem`, `proxy.key`, `proxy-both.pem` (for programs that want one file),
/// `origin-ca.pem`, `origin.pem` and `origin.key` into `folder`.
pub(crate) fn write(folder: &Path) -> Result<(), Failure> {
    let proxy = authority("Bench proxy CA")?;
    let key = proxy.key().serialize_pem();
    fs::write(folder.join("proxy.pem"), proxy.pem())?;
    fs::write(folder.join("proxy.key"), &key)?;
    // Whose key others can read, no careful proxy takes.
    fs::set_permissions(folder.join("proxy.key"), fs::Permissions::from_mode(0o600))?;
    fs::write(folder.join("proxy-both.pem"), format!("{}{key}", proxy.pem()))?;
    let origin = authority("Bench origin CA")?;
    fs::write(folder.join("origin-ca.pem"), origin.pem())?;
    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &origin)?;
    fs::write(folder.join("origin.pem"), leaf.pem())?;
    fs::write(folder.join("origin.key"), key.serialize_pem())?;
    Ok(())
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, Failure> {
    let mut params = CertificateParams::new([])?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}
