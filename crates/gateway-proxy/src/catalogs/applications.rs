//! Which applications a host belongs to, and what was decided about them.

use super::hosts::{Domains, domain};
use super::{CatalogFault, rows};

/// An application that a host belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its id.
    pub id: u32,
    /// The id of its kind, such as storage of files.
    pub kind: u32,
    /// What was decided about it.
    pub status: Status,
    /// What the host is to it.
    pub part: Part,
}

/// What was decided about an application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It may be used.
    Approved,
    /// It may not.
    Unapproved,
    /// Somebody is about to decide.
    InReview,
    /// Nobody has looked at it.
    #[default]
    Unreviewed,
}

impl Status {
    const ALL: [Self; 4] = [Self::Approved, Self::Unapproved, Self::InReview, Self::Unreviewed];

    /// The word that rules compare with.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Unapproved => "unapproved",
            Self::InReview => "in review",
            Self::Unreviewed => "unreviewed",
        }
    }
}

/// What a host is to an application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// It serves it.
    #[default]
    Hosts,
    /// It helps to run it, and others too.
    Supports,
}

/// Applications by domain.
#[derive(Clone, Debug, Default)]
pub struct Applications(Domains<Application>);

impl Applications {
    /// Reads lines of `domain,application,kind`, both numbers, and perhaps a status (`approved`,
    /// `unapproved`, `in review`, `unreviewed`, which is the default) and `hosts` (the default) or
    /// `supports`. Lines that are empty or begin with `#` are passed over.
    ///
    /// # Errors
    /// Every line that is something else.
    pub fn parse(text: &str) -> Result<Self, Vec<CatalogFault>> {
        let rows = rows(text, |fields| {
            let (name, id, kind, more) = match fields {
                [name, id, kind, more @ ..] if more.len() <= 2 => (name, id, kind, more),
                _ => {
                    return Err(
                        "a domain, an application, its kind, a status, `hosts` or `supports`",
                    );
                }
            };
            let name = domain(name).ok_or("a domain, in ASCII")?;
            let id = id.parse().map_err(|_| "the number of an application")?;
            let kind = kind.parse().map_err(|_| "the number of a kind of applications")?;
            let status = match more.first() {
                None | Some(&"") => Status::default(),
                Some(word) => Status::ALL
                    .into_iter()
                    .find(|status| status.as_str() == *word)
                    .ok_or("`approved`, `unapproved`, `in review` or `unreviewed`")?,
            };
            let part = match more.get(1) {
                None | Some(&("" | "hosts")) => Part::Hosts,
                Some(&"supports") => Part::Supports,
                Some(_) => return Err("`hosts` or `supports`"),
            };
            Ok((name, Application { id, kind, status, part }))
        })?;
        Ok(Self(Domains::new(rows)))
    }

    /// How many pairs of domain and application there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The applications of a host, which is lower-case: those of the longest domain told that it is
    /// or stands below.
    pub fn of_host(&self, host: &str) -> impl Iterator<Item = &Application> {
        self.0.find(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let text = "drive.example,7,25,unapproved\ncdn.example,7,25,,supports\ncdn.example,8,3";
        let applications = Applications::parse(text).expect("sound");
        let of = |host: &str| applications.of_host(host).copied().collect::<Vec<_>>();
        let drive = Application { id: 7, kind: 25, status: Status::Unapproved, part: Part::Hosts };
        assert_eq!(of("x.drive.example"), [drive]);
        let supported = Application { status: Status::Unreviewed, part: Part::Supports, ..drive };
        let other = Application { id: 8, kind: 3, part: Part::Hosts, ..supported };
        assert_eq!(of("cdn.example"), [supported, other]);
        for line in ["a.example,1", "a.example,x,1", "a.example,1,2,good", "a.example,1,2,,x,y"] {
            assert_eq!(Applications::parse(line).expect_err(line).len(), 1, "{line}");
        }
    }
}
