//! Who a client is: the user who asks and the device that is asked from, as rules and records see
//! them. Says nothing of how that was found out.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use gateway_log::ClientSide;
use gateway_rules::{Facts, RuleSet, Value, field};

/// A user whom somebody vouches for. What is empty is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// What names the user where the user is known, such as the name of an account.
    pub id: Bytes,
    /// E-mail address.
    pub email: Bytes,
    /// Name, for people.
    pub name: Bytes,
    /// The groups that the user is in.
    pub groups: Vec<Group>,
    /// What the user's token says besides, each as `"name=value"`, quotes included.
    pub claims: Vec<Bytes>,
    /// Who vouches for the user.
    pub source: Source,
}

/// A group of users. What is empty is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// What names the group where it is known.
    pub id: Bytes,
    /// Name, for people.
    pub name: Bytes,
    /// E-mail address.
    pub email: Bytes,
}

/// Who vouches for a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The address that the client comes from.
    #[default]
    Address,
    /// The certificate of the device.
    Certificate,
    /// A password that the user knows.
    Password,
    /// A token that an identity provider has signed.
    Token,
}

impl Source {
    /// The value of the record's field `IdentitySource`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Certificate => "certificate",
            Self::Password => "password",
            Self::Token => "token",
        }
    }
}

/// A device that has shown a certificate, or has shown none where one was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// What names the device; empty without a certificate.
    pub id: Bytes,
    /// Name, for people.
    pub name: Bytes,
    /// The posture checks that it passes.
    pub passed: Vec<Bytes>,
    /// Those that it does not pass.
    pub failed: Vec<Bytes>,
}

/// What is known of a client as soon as it is accepted, before it has said a word of HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its user, unless the request says who else that is.
    pub user: Option<Arc<User>>,
    /// Its device.
    pub device: Option<Arc<Device>>,
    /// Where it came in: the address that the gateway listens at, if the client knows of it.
    pub endpoint: Option<SocketAddr>,
}

impl Known {
    /// Writes it into the record of a session.
    pub(crate) fn record(&self, record: &mut ClientSide) {
        if let Some(user) = &self.user {
            record_user(record, user);
        }
        if let Some(device) = &self.device {
            record_device(record, device);
        }
    }
}

/// Tells rules who the user is, in place of what they knew before.
pub(crate) fn tell_user(rules: &RuleSet, facts: &mut Facts, user: &User) {
    let texts = |of: fn(&Group) -> &Bytes| -> Option<Value> {
        let known = user.groups.iter().map(of).filter(|text| !text.is_empty());
        Some(known.cloned().collect())
    };
    let text = |text: &Bytes| (!text.is_empty()).then(|| Value::Bytes(text.clone()));
    let mut set = |id, value: &dyn Fn() -> Option<Value>| {
        if rules.uses(id) {
            match value() {
                Some(value) => facts.set(id, value),
                None => facts.forget(id),
            }
        }
    };
    set(field::IDENTITY_EMAIL, &|| text(&user.email));
    set(field::IDENTITY_ID, &|| text(&user.id));
    set(field::IDENTITY_NAME, &|| text(&user.name));
    set(field::IDENTITY_OIDC_CLAIMS, &|| {
        (!user.claims.is_empty()).then(|| user.claims.iter().cloned().collect())
    });
    set(field::IDENTITY_GROUPS_ID, &|| texts(|group| &group.id));
    set(field::IDENTITY_GROUPS_NAME, &|| texts(|group| &group.name));
    set(field::IDENTITY_GROUPS_EMAIL, &|| texts(|group| &group.email));
}

/// Tells rules what is known of the device.
pub(crate) fn tell_device(rules: &RuleSet, facts: &mut Facts, device: &Device) {
    if rules.uses(field::DEVICE_ID) && !device.id.is_empty() {
        facts.set(field::DEVICE_ID, device.id.clone());
    }
    for (id, checks) in [
        (field::DEVICE_POSTURE_CHECKS_PASSED, &device.passed),
        (field::DEVICE_POSTURE_CHECKS_FAILED, &device.failed),
    ] {
        if rules.uses(id) {
            facts.set(id, checks.iter().cloned().collect::<Value>());
        }
    }
}

/// Writes the user into a record.
pub(crate) fn record_user(record: &mut ClientSide, user: &User) {
    record.user.id = user.id.clone().into();
    record.user.email = user.email.clone().into();
    record.user.source = user.source.as_str().into();
    let name = |group: &Group| if group.name.is_empty() { &group.id } else { &group.name }.clone();
    record.user.groups = user.groups.iter().map(|group| name(group).into()).collect();
}

/// Writes the device into a record.
fn record_device(record: &mut ClientSide, device: &Device) {
    record.device.id = device.id.clone().into();
    record.device.name = device.name.clone().into();
    record.device.failed_checks = device.failed.iter().map(|id| id.clone().into()).collect();
}
