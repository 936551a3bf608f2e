//! Numbers by domain. A host has those of the longest domain that is told and that it is, or stands
//! below.

use super::{CatalogFault, rows};

/// What is told of domains, ascending by name; a look-up compares some 20 names per label among a
/// million domains, whatever they are.
#[derive(Clone, Debug)]
pub(super) struct Domains<T> {
    /// All names, one after the other.
    names: String,
    /// Where each name begins and how long it is, and what is told of it.
    told: Vec<(u32, u8, T)>,
}

impl<T> Default for Domains<T> {
    fn default() -> Self {
        Self { names: String::new(), told: Vec::new() }
    }
}

impl<T> Domains<T> {
    pub(super) fn new(mut rows: Vec<(String, T)>) -> Self {
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut domains = Self { names: String::new(), told: Vec::with_capacity(rows.len()) };
        let mut last: Option<(u32, u8)> = None;
        for (name, told) in rows {
            let place = match last {
                Some(place) if domains.name(place) == name => place,
                _ => {
                    let begin = u32::try_from(domains.names.len()).unwrap_or(u32::MAX);
                    domains.names.push_str(&name);
                    (begin, u8::try_from(name.len()).unwrap_or(u8::MAX))
                }
            };
            last = Some(place);
            domains.told.push((place.0, place.1, told));
        }
        domains
    }

    pub(super) fn len(&self) -> usize {
        self.told.len()
    }

    fn name(&self, (begin, len): (u32, u8)) -> &str {
        let begin = begin as usize;
        self.names.get(begin..begin + usize::from(len)).unwrap_or_default()
    }

    /// What is told of the longest domain of `host`, which is lower-case.
    pub(super) fn find(&self, host: &str) -> impl Iterator<Item = &T> {
        let mut rest = Some(host).filter(|_| !self.told.is_empty());
        let mut found: &[(u32, u8, T)] = &[];
        while let Some(name) = rest {
            let from = self.told.partition_point(|(at, len, _)| self.name((*at, *len)) < name);
            let below = self.told.get(from..).unwrap_or_default();
            let count =
                below.iter().take_while(|(at, len, _)| self.name((*at, *len)) == name).count();
            if count > 0 {
                found = below.get(..count).unwrap_or_default();
                break;
            }
            rest = name.split_once('.').map(|(_, above)| above);
        }
        found.iter().map(|(_, _, told)| told)
    }
}

/// The domain that a field of a line names, in lower case.
pub(super) fn domain(field: &str) -> Option<String> {
    let name = field.strip_suffix('.').unwrap_or(field).to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    (name.len() <= 253 && name.split('.').all(is_label)).then_some(name)
}

/// Ids of categories by domain.
#[derive(Clone, Debug, Default)]
pub struct Categories(Domains<u32>);

impl Categories {
    /// Reads lines of `domain,id`, or with more ids, each from 0 to 4294967295. Lines that are empty
    /// or begin with `#` are passed over. International names stand in their ASCII form.
    ///
    /// # Errors
    /// Every line that is something else.
    pub fn parse(text: &str) -> Result<Self, Vec<CatalogFault>> {
        let rows = rows(text, |fields| {
            let (name, ids) = fields.split_first().ok_or("a domain")?;
            let name = domain(name).ok_or("a domain, in ASCII")?;
            let ids: Result<Vec<u32>, _> = ids.iter().map(|id| id.parse::<u32>()).collect();
            match ids {
                Ok(ids) if !ids.is_empty() => Ok((name, ids)),
                Ok(_) | Err(_) => Err("numbers of categories behind the domain"),
            }
        })?;
        let told =
            |(name, ids): (String, Vec<u32>)| ids.into_iter().map(move |id| (name.clone(), id));
        Ok(Self(Domains::new(rows.into_iter().flat_map(told).collect())))
    }

    /// How many pairs of domain and id there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids of a host, which is lower-case: those of the longest domain told that it is or stands
    /// below.
    pub fn of_host(&self, host: &str) -> impl Iterator<Item = u32> {
        self.0.find(host).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_domain_counts() {
        let text = "# ours\nexample.com, 1\nmail.Example.com.,2,3\nexample.org,4\nexample.com,9\n";
        let categories = Categories::parse(text).expect("sound");
        let of = |host: &str| categories.of_host(host).collect::<Vec<_>>();
        assert_eq!(of("example.com"), [1, 9]);
        assert_eq!(of("www.example.com"), [1, 9]);
        assert_eq!(of("a.mail.example.com"), [2, 3]);
        assert_eq!(of("notexample.com"), [0_u32; 0]);
        assert_eq!(of("com"), [0_u32; 0]);
        assert_eq!(of(""), [0_u32; 0]);
        assert_eq!(Categories::default().of_host("example.com").count(), 0);
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for line in ["example.com", "ä.example,1", "a..b,1", "a.example,x", ",1", "a b,1"] {
            let faults = Categories::parse(line).expect_err(line);
            assert_eq!(faults.len(), 1, "{line}");
        }
    }
}
