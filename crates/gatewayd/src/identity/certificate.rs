//! Certificates of devices: who may certify them, and what one says of its device and user.

use std::sync::Arc;

use bytes::Bytes;
use gateway_proxy::{Device, Source, User};
use rustls::RootCertStore;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Name};

use super::IdentityError;
use super::password::group;
use crate::config::{self, PostureCheck};

/// The check that every certified device passes, and no other.
const CERTIFICATE: &str = "certificate";

/// The authorities for devices cannot be used together.
#[derive(Debug, thiserror::Error)]
#[error("the authorities for devices cannot be used: {source}")]
pub(crate) struct RootsError {
    source: rustls::server::VerifierBuilderError,
}

/// Who certifies devices, and what is asked of them.
#[derive(Debug)]
pub(crate) struct Devices {
    verifier: Arc<dyn ClientCertVerifier>,
    checks: Vec<PostureCheck>,
}

/// What a certificate says.
#[derive(Debug, Default)]
struct Said {
    common_name: String,
    organizations: Vec<String>,
    units: Vec<String>,
    issuer: String,
    email: String,
    uri: String,
    serial: String,
}

impl Devices {
    /// Reads the authorities; each of their certificates is shown to `see`.
    pub(super) fn load(
        settings: &config::Device,
        see: &mut dyn FnMut(&[u8]),
    ) -> Result<Self, IdentityError> {
        let mut roots = RootCertStore::empty();
        for file in &settings.ca {
            for certificate in crate::origin_ca::load(file)? {
                see(&certificate);
                // Each has been looked at by itself already.
                let _ = roots.add(certificate);
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        if !settings.required {
            builder = builder.allow_unauthenticated();
        }
        let verifier = builder.build().map_err(|source| RootsError { source })?;
        Ok(Self { verifier, checks: settings.check.clone() })
    }

    /// What asks for certificates in TLS, and verifies them.
    pub(crate) fn verifier(&self) -> Arc<dyn ClientCertVerifier> {
        self.verifier.clone()
    }

    /// The device that has shown `certificate`, which has been verified, or none; and its user, if
    /// it names one by an e-mail address.
    pub(super) fn identify(
        &self,
        certificate: Option<&CertificateDer<'_>>,
    ) -> (Device, Option<User>) {
        let Some(said) = certificate.and_then(Said::parse) else {
            let all = self.checks.iter().map(id_of);
            let failed = std::iter::once(CERTIFICATE.into()).chain(all).collect();
            return (Device { failed, ..Device::default() }, None);
        };
        let id = [&said.uri, &said.common_name, &said.serial];
        let id = id.into_iter().find(|text| !text.is_empty()).cloned().unwrap_or_default();
        let (passed, failed): (Vec<_>, Vec<_>) =
            self.checks.iter().partition(|check| said.passes(check));
        let device = Device {
            id: id.into(),
            name: said.common_name.clone().into(),
            passed: std::iter::once(CERTIFICATE.into())
                .chain(passed.into_iter().map(id_of))
                .collect(),
            failed: failed.into_iter().map(id_of).collect(),
        };
        let user = (!said.email.is_empty()).then(|| User {
            id: said.email.clone().into(),
            email: said.email.into(),
            name: said.common_name.into(),
            groups: said.units.iter().map(|unit| group(unit)).collect(),
            source: Source::Certificate,
            ..User::default()
        });
        (device, user)
    }
}

fn id_of(check: &PostureCheck) -> Bytes {
    check.id.clone().into()
}

impl Said {
    fn parse(der: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let subject = certificate.subject();
        let texts =
            |name: &X509Name<'_>, oid: &x509_parser::oid_registry::Oid<'_>| -> Vec<String> {
                let attributes = name.iter_by_oid(oid);
                attributes.filter_map(|a| a.as_str().ok().map(str::to_owned)).collect()
            };
        use x509_parser::oid_registry as oids;
        let first = |texts: Vec<String>| texts.into_iter().next().unwrap_or_default();
        let mut said = Self {
            common_name: first(texts(subject, &oids::OID_X509_COMMON_NAME)),
            organizations: texts(subject, &oids::OID_X509_ORGANIZATION_NAME),
            units: texts(subject, &oids::OID_X509_ORGANIZATIONAL_UNIT),
            issuer: first(texts(certificate.issuer(), &oids::OID_X509_COMMON_NAME)),
            serial: certificate.raw_serial_as_string(),
            ..Self::default()
        };
        if let Ok(Some(names)) = certificate.subject_alternative_name() {
            for name in &names.value.general_names {
                match name {
                    GeneralName::RFC822Name(email) if said.email.is_empty() => {
                        said.email = (*email).to_owned();
                    }
                    GeneralName::URI(uri) if said.uri.is_empty() => {
                        said.uri = uri.strip_prefix("urn:uuid:").unwrap_or(uri).to_owned();
                    }
                    _ => {}
                }
            }
        }
        Some(said)
    }

    fn passes(&self, check: &PostureCheck) -> bool {
        let PostureCheck { id: _, organization, organizational_unit, issuer } = check;
        organization.as_ref().is_none_or(|wanted| self.organizations.contains(wanted))
            && organizational_unit.as_ref().is_none_or(|wanted| self.units.contains(wanted))
            && issuer.as_ref().is_none_or(|wanted| *wanted == self.issuer)
    }
}
