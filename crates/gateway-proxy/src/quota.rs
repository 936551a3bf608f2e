//! Quotas: requests or bytes by user, address or host in a window of time. They count, and say what
//! they have counted; what becomes of who has used one up is for rules to say.
//!
//! Counting takes no lock: a quota is a table of atomics that all threads share, of a size that is
//! fixed when it is made. Policies that follow one another share it.

mod table;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use gateway_rules::{Facts, FieldId, Filter, RuleSet, Truth, Value, field};

use self::table::Table;

/// What a quota is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaKey {
    /// The user, wherever it comes from; the address of a client whose user is not known.
    User,
    /// The address of the client; of IPv6 the first 64 bits, which is what one client has.
    Ip,
    /// The host of the request.
    Host,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Requests, as they come.
    Requests,
    /// Bytes of request bodies, when an exchange has ended.
    UploadBytes,
    /// Bytes of response bodies, when an exchange has ended.
    DownloadBytes,
    /// Both.
    Bytes,
}

/// One quota.
#[derive(Clone, Debug)]
pub struct Quota {
    /// The name that rules know it by.
    pub id: String,
    /// Whom it is for.
    pub key: QuotaKey,
    /// What it counts.
    pub counts: Counted,
    /// The length of the window in seconds, 1 at least.
    pub window_s: u64,
    /// The amount above which it is exceeded.
    pub max: u64,
    /// How many keys are told apart, rounded up to a power of two; see [`Quotas`] on what happens
    /// beyond. 32 bytes each. Default [`Quota::KEYS`].
    pub keys_max: usize,
    /// Which requests it counts; all, if there is none.
    pub filter: Option<Filter>,
}

impl Quota {
    /// The keys that are told apart unless somebody says otherwise.
    pub const KEYS: usize = 65_536;
    /// The most keys of a quota.
    pub const KEYS_MAX: usize = 1 << 24;

    /// Whether the counts of the one go on for the other.
    fn counts_as(&self, other: &Self) -> bool {
        self.id == other.id
            && self.key == other.key
            && self.counts == other.counts
            && self.window_s == other.window_s
            && self.keys_max == other.keys_max
    }
}

/// The quotas of a policy, with what they have counted.
///
/// # Accuracy
/// The window slides: of the window before, as much counts as still lies within the length of one
/// window, as if its counts were spread evenly. With an even flow that is exact; at worst, all counts
/// of a window at its very end or beginning, it is off by one window's worth.
///
/// Where there are more keys at a time than `keys_max`, a new key takes the place of the one with the
/// least counts, and inherits them: a key is counted too high by at most those, and never too low,
/// but for counts that two threads add while one of them opens a window or takes a place.
#[derive(Debug, Default)]
pub struct Quotas {
    seed: u64,
    all: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    quota: Quota,
    table: Arc<Table>,
}

/// Who asks, and for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker<'a> {
    /// What names the user; empty if it is not known.
    pub(crate) user: &'a Bytes,
    pub(crate) client: IpAddr,
    pub(crate) host: &'a str,
}

/// A key that a request was counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    quota: usize,
    key: u64,
}

impl Quotas {
    /// Counts for `quotas`. Those that count what a quota of `before` has counted go on from there;
    /// `seed` is random, so that nobody can choose keys that fall together.
    #[must_use]
    pub fn new(quotas: Vec<Quota>, seed: u64, before: &Self) -> Self {
        // Keys are told apart by the seed that they were counted under.
        let seed = if before.all.is_empty() { seed } else { before.seed };
        let kept = |quota: Quota| {
            let same = before.all.iter().find(|kept| kept.quota.counts_as(&quota));
            let table = same.map_or_else(
                || Arc::new(Table::new(quota.keys_max)),
                |kept| Arc::clone(&kept.table),
            );
            Kept { quota, table }
        };
        Self { seed, all: quotas.into_iter().map(kept).collect() }
    }

    /// The quotas.
    pub fn quotas(&self) -> impl Iterator<Item = &Quota> {
        self.all.iter().map(|kept| &kept.quota)
    }

    /// Whether nothing is counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Counts a request whose head is known, and tells rules what there is by now. Gives what it is
    /// charged for again when its bytes are known.
    pub(crate) fn count(
        &self,
        rules: &RuleSet,
        facts: &mut Facts,
        asker: Asker<'_>,
        unix_ms: u64,
    ) -> Vec<Charge> {
        let mut charges = Vec::new();
        if self.is_empty() || !READ.iter().any(|id| rules.uses(*id)) {
            return charges;
        }
        let (mut used, mut exceeded) = (std::collections::BTreeMap::new(), Vec::new());
        for (index, Kept { quota, table }) in self.all.iter().enumerate() {
            if quota.filter.as_ref().is_some_and(|filter| filter.truth(facts) != Truth::True) {
                continue;
            }
            let key = self.key(quota.key, asker);
            let amount = u64::from(quota.counts == Counted::Requests);
            let counted = table.add(key, amount, unix_ms, quota.window_s.max(1) * 1_000);
            if quota.counts != Counted::Requests {
                charges.push(Charge { quota: index, key });
            }
            let id = || Bytes::copy_from_slice(quota.id.as_bytes());
            used.insert(id(), Value::Int(i64::try_from(counted).unwrap_or(i64::MAX)));
            if counted > quota.max {
                exceeded.push(Value::Bytes(id()));
            }
        }
        facts.set(field::QUOTA_USED, Value::Map(used));
        facts.set(field::QUOTA_EXCEEDED, Value::Array(exceeded));
        charges
    }

    /// The bytes of an exchange are known.
    pub(crate) fn charge(&self, charges: &[Charge], upload: u64, download: u64, unix_ms: u64) {
        for charge in charges {
            let Some(Kept { quota, table }) = self.all.get(charge.quota) else { continue };
            let amount = match quota.counts {
                Counted::Requests => continue,
                Counted::UploadBytes => upload,
                Counted::DownloadBytes => download,
                Counted::Bytes => upload.saturating_add(download),
            };
            table.add(charge.key, amount, unix_ms, quota.window_s.max(1) * 1_000);
        }
    }

    fn key(&self, key: QuotaKey, asker: Asker<'_>) -> u64 {
        match key {
            QuotaKey::User if !asker.user.is_empty() => table::key(self.seed, 1, asker.user),
            QuotaKey::User | QuotaKey::Ip => match asker.client.to_canonical() {
                IpAddr::V4(v4) => table::key(self.seed, 2, &v4.octets()),
                IpAddr::V6(v6) => {
                    let octets = v6.octets();
                    table::key(self.seed, 3, octets.get(..8).unwrap_or_default())
                }
            },
            QuotaKey::Host => table::key(self.seed, 4, asker.host.as_bytes()),
        }
    }
}

/// The fields that come from here.
const READ: [FieldId; 2] = [field::QUOTA_EXCEEDED, field::QUOTA_USED];

#[cfg(test)]
mod tests {
    use gateway_rules::{Action, Fact, Layer, Options, ParseOptions, Rule, Scheme};

    use super::*;

    fn rules() -> RuleSet {
        let text = r#"any(quota.exceeded[*] == "q") and quota.used["q"] > 0"#;
        let rule = Rule::new("r", Layer::Http, Action::Block, text);
        RuleSet::compile(&Scheme::gateway(), vec![rule], &Options::default()).expect("sound")
    }

    fn quota(key: QuotaKey, counts: Counted) -> Quota {
        Quota { id: "q".into(), key, counts, window_s: 10, max: 2, keys_max: 64, filter: None }
    }

    /// Counts one request; what is used, and whether that is too much.
    fn count(
        quotas: &Quotas,
        facts: &mut Facts,
        user: &str,
        ip: &str,
        unix_ms: u64,
    ) -> (i64, bool, Vec<Charge>) {
        let user = Bytes::copy_from_slice(user.as_bytes());
        let client = ip.parse().expect(ip);
        let asker = Asker { user: &user, client, host: "a.example" };
        let charges = quotas.count(&rules(), facts, asker, unix_ms);
        let used = match facts.state(field::QUOTA_USED) {
            Fact::Known(Value::Map(used)) => match used.get(&b"q"[..]) {
                Some(Value::Int(used)) => *used,
                _ => -1,
            },
            _ => -2,
        };
        let exceeded = match facts.state(field::QUOTA_EXCEEDED) {
            Fact::Known(Value::Array(ids)) => !ids.is_empty(),
            _ => false,
        };
        (used, exceeded, charges)
    }

    fn steps(key: QuotaKey, steps: &[(&str, &str, u64, i64, bool)]) {
        let quotas = Quotas::new(vec![quota(key, Counted::Requests)], 7, &Quotas::default());
        for (user, ip, at, used, exceeded) in steps {
            let mut facts = Facts::new(&Scheme::gateway());
            let (found, is, _) = count(&quotas, &mut facts, user, ip, *at);
            assert_eq!((found, is), (*used, *exceeded), "{user} {ip} at {at}");
        }
    }

    #[test]
    fn requests_are_counted_by_key_and_window() {
        steps(
            QuotaKey::User,
            &[
                ("a", "192.0.2.1", 0, 1, false),
                ("b", "192.0.2.1", 1, 1, false),
                ("a", "192.0.2.2", 2, 2, false),
                ("a", "192.0.2.3", 3, 3, true),
                ("", "192.0.2.1", 4, 1, false),
                // Half of the three requests of the window before, and this one.
                ("a", "192.0.2.1", 15_000, 2, false),
                ("a", "192.0.2.1", 35_000, 1, false),
            ],
        );
        steps(
            QuotaKey::Ip,
            &[
                ("a", "192.0.2.1", 0, 1, false),
                ("b", "::ffff:192.0.2.1", 1, 2, false),
                ("b", "192.0.2.2", 1, 1, false),
                ("a", "2001:db8::1", 2, 1, false),
                ("a", "2001:db8::2:1", 3, 2, false),
                ("a", "2001:db8:0:1::1", 4, 1, false),
            ],
        );
        steps(QuotaKey::Host, &[("a", "192.0.2.1", 0, 1, false), ("b", "192.0.2.2", 1, 2, false)]);
    }

    #[test]
    fn bytes_are_counted_when_they_are_known() {
        let quotas =
            Quotas::new(vec![quota(QuotaKey::Ip, Counted::UploadBytes)], 7, &Quotas::default());
        let mut facts = Facts::new(&Scheme::gateway());
        let (used, exceeded, charges) = count(&quotas, &mut facts, "", "192.0.2.1", 0);
        assert_eq!((used, exceeded, charges.len()), (0, false, 1));
        quotas.charge(&charges, 5, 100, 1);
        let (used, exceeded, _) = count(&quotas, &mut facts, "", "192.0.2.1", 2);
        assert_eq!((used, exceeded), (5, true));
    }

    #[test]
    fn only_what_the_filter_names_is_counted() {
        let scheme = Scheme::gateway();
        let filter =
            Filter::parse(&scheme, r#"http.request.method == "POST""#, &ParseOptions::default());
        let quota = Quota { filter: filter.ok(), ..quota(QuotaKey::Ip, Counted::Requests) };
        let quotas = Quotas::new(vec![quota], 7, &Quotas::default());
        for (method, used) in [("GET", -1), ("POST", 1), ("GET", -1), ("POST", 2)] {
            let mut facts = Facts::new(&scheme);
            facts.set(field::HTTP_REQUEST_METHOD, method);
            assert_eq!(count(&quotas, &mut facts, "", "192.0.2.1", 0).0, used);
        }
    }

    #[test]
    fn a_following_policy_goes_on_counting() {
        let first =
            Quotas::new(vec![quota(QuotaKey::Ip, Counted::Requests)], 7, &Quotas::default());
        let mut facts = Facts::new(&Scheme::gateway());
        assert_eq!(count(&first, &mut facts, "", "192.0.2.1", 0).0, 1);
        let other = Quota { max: 9, ..quota(QuotaKey::Ip, Counted::Requests) };
        let second = Quotas::new(vec![other], 8, &first);
        assert_eq!(count(&second, &mut facts, "", "192.0.2.1", 1).0, 2);
        let anew = Quota { window_s: 11, ..quota(QuotaKey::Ip, Counted::Requests) };
        let third = Quotas::new(vec![anew], 9, &second);
        assert_eq!(count(&third, &mut facts, "", "192.0.2.1", 1).0, 1);
    }

    #[test]
    fn nothing_is_counted_that_no_rule_reads() {
        let quotas =
            Quotas::new(vec![quota(QuotaKey::Ip, Counted::Requests)], 7, &Quotas::default());
        let mut facts = Facts::new(&Scheme::gateway());
        let none = RuleSet::none(&Scheme::gateway());
        let user = Bytes::new();
        let client = "192.0.2.1".parse().expect("an address");
        let asker = Asker { user: &user, client, host: "a.example" };
        assert!(quotas.count(&none, &mut facts, asker, 0).is_empty());
        assert_eq!(facts.state(field::QUOTA_USED), Fact::NotYet);
    }
}
