//! Users with passwords: a TOML file of names and argon2id hashes (RFC 9106) as PHC strings.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier};
use gateway_proxy::{Group, Source, User};
use serde::Deserialize;
use toml::Spanned;

use super::IdentityError;
use crate::place::Place;
use crate::random::{self, NoRandom};
use crate::toml_file;

/// KiB of memory that checking one password may take, and how often it may be gone through: what
/// the file says is what the machine has to do.
const MEMORY_KIB_MAX: u32 = 256 << 10;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 16;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsersFile {
    #[serde(default)]
    user: Vec<UserEntry>,
}

/// One `[[user]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserEntry {
    name: Spanned<String>,
    password: Spanned<String>,
    #[serde(default)]
    email: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    groups: Vec<String>,
}

/// What can be wrong with a user in the file.
#[derive(Debug, thiserror::Error)]
#[error("{place}: user `{user}`: {fault}")]
pub(crate) struct UserError {
    /// Where.
    pub(crate) place: Place,
    user: String,
    fault: UserFault,
}

/// What is wrong with a user.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum UserFault {
    /// Such a name can never be given.
    #[error("found an empty name, a colon or a control character, expected a name without")]
    Name,
    /// The name is taken.
    #[error("there is a user of this name already")]
    Twice,
    /// It is no hash, or not one that is taken.
    #[error("expected a hash such as `gateway-proxy identity hash` prints, $argon2id$...")]
    Hash,
    /// Checking the password would take too much.
    #[error("found m={memory_kib},t={passes},p={lanes}, expected at most m=262144,t=16,p=16")]
    Costly {
        /// KiB of memory.
        memory_kib: u32,
        /// Passes over it.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
}

/// Users who have passwords.
pub(super) struct Users {
    by_name: HashMap<String, (PasswordHash, Arc<User>)>,
    /// A hash that is looked at for names that there are not, so that the time does not tell.
    decoy: Option<PasswordHash>,
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Users").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl Users {
    /// The users that `text`, the contents of `file`, names.
    ///
    /// # Errors
    ///
    /// [`IdentityError`] with the place.
    pub(super) fn parse(file: &Path, text: &str) -> Result<Self, IdentityError> {
        let contents: UsersFile = toml_file::parse(file, text)?;
        let mut by_name = HashMap::new();
        let mut decoy = None;
        for entry in contents.user {
            let error = |at: &Spanned<String>, fault| UserError {
                place: Place::of(file, text, at.span().start),
                user: entry.name.get_ref().clone(),
                fault,
            };
            let name = entry.name.get_ref();
            if name.is_empty() || name.contains(|c: char| c == ':' || c.is_control()) {
                return Err(error(&entry.name, UserFault::Name).into());
            }
            if by_name.contains_key(name) {
                return Err(error(&entry.name, UserFault::Twice).into());
            }
            let hash =
                checked(entry.password.get_ref()).map_err(|fault| error(&entry.password, fault))?;
            decoy.get_or_insert_with(|| hash.clone());
            let user = User {
                id: name.clone().into(),
                email: entry.email.into(),
                name: entry.display_name.into(),
                groups: entry.groups.iter().map(|name| group(name)).collect(),
                source: Source::Password,
                ..User::default()
            };
            by_name.insert(name.clone(), (hash, Arc::new(user)));
        }
        Ok(Self { by_name, decoy })
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// The user of that name, if that is the password. Takes tens of milliseconds of a processor,
    /// whether there is such a user or not.
    pub(super) fn check(&self, name: &str, password: &[u8]) -> Option<Arc<User>> {
        let known = self.by_name.get(name);
        let hash = known.map(|(hash, _)| hash).or(self.decoy.as_ref())?;
        let right = Argon2::default().verify_password(password, hash).is_ok();
        known.filter(|_| right).map(|(_, user)| user.clone())
    }
}

fn checked(text: &str) -> Result<PasswordHash, UserFault> {
    let hash = PasswordHash::new(text).map_err(|_| UserFault::Hash)?;
    let complete = hash.salt.is_some() && hash.hash.is_some();
    if hash.algorithm.as_str() != "argon2id" || !complete {
        return Err(UserFault::Hash);
    }
    let params = Params::try_from(&hash).map_err(|_| UserFault::Hash)?;
    let (memory_kib, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    if memory_kib > MEMORY_KIB_MAX || passes > PASSES_MAX || lanes > LANES_MAX {
        return Err(UserFault::Costly { memory_kib, passes, lanes });
    }
    Ok(hash)
}

/// A group that has but a name, which names it too.
pub(super) fn group(name: &str) -> Group {
    let name = bytes::Bytes::copy_from_slice(name.as_bytes());
    Group { id: name.clone(), name, ..Group::default() }
}

/// Why a password cannot be hashed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum HashError {
    /// There are no random bytes for a salt.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The library refuses, a password of more than 4 GiB for instance.
    #[error("the password cannot be hashed: {source}")]
    Hash {
        /// What it says.
        source: argon2::password_hash::Error,
    },
}

/// The hash of a password as the file of users takes it: argon2id with 19 MiB and two passes, and
/// a salt of its own.
///
/// # Errors
///
/// [`HashError`].
pub(crate) fn hash(password: &[u8]) -> Result<String, HashError> {
    let salt: [u8; 16] = random::bytes()?;
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_salt(password, &salt)
        .map_err(|source| HashError::Hash { source })?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Users, String> {
        Users::parse(Path::new("users.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_right_password_is_the_users() {
        let users = parse(&format!(
            "[[user]]\nname = \"alice\"\npassword = \"{}\"\nemail = \"alice@corp.test\"\n\
             groups = [\"staff\"]\n",
            hash("geheim".as_bytes()).unwrap()
        ))
        .unwrap();
        let alice = users.check("alice", b"geheim").unwrap();
        assert_eq!((&alice.id[..], &alice.email[..]), (&b"alice"[..], &b"alice@corp.test"[..]));
        assert_eq!(alice.groups[0].name, "staff");
        for (name, password) in [("alice", "Geheim"), ("alice", ""), ("bob", "geheim")] {
            assert_eq!(users.check(name, password.as_bytes()), None, "{name}");
        }
        assert_eq!(parse("").unwrap().check("alice", b""), None);
    }

    #[test]
    fn hashes_have_a_salt_of_their_own() {
        let one = hash(b"x").unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, hash(b"x").unwrap());
    }

    #[test]
    fn wrong_users_are_told_with_their_place() {
        let good = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let user = |name: &str, password: &str| {
            format!("[[user]]\nname = \"{name}\"\npassword = \"{password}\"\n")
        };
        for (text, at, says) in [
            ("[[user]]\nname = \"a\"\n".to_owned(), "1:1", "missing field `password`"),
            (user("a", "secret"), "3:12", "identity hash"),
            (user("a", &good.replace("argon2id", "argon2i")), "3:12", "$argon2id$"),
            (user("a", "$argon2id$v=19$m=19456,t=2,p=1"), "3:12", "expected a hash"),
            (user("a", &good.replace("19456", "999999")), "3:12", "at most m=262144"),
            (user("a:b", good), "2:8", "colon"),
            (user("", good), "2:8", "empty name"),
            (user("a", good) + &user("a", good), "5:8", "already"),
            (user("a", good) + "mail = \"x\"\n", "4:1", "did you mean `email`?"),
        ] {
            let error = parse(&text).unwrap_err();
            let at = format!("users.toml:{at}: ");
            assert!(error.starts_with(&at) && error.contains(says), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
