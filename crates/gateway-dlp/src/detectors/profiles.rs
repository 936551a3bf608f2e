//! Predefined profiles: groups of detectors that are wanted together, under ids of their own.

use super::{Category, Detector, detectors};
use crate::suggest::nearest;
use crate::{BuildError, ProfileConfig, SourceKind};

/// A group of detectors that a configuration may take as it is.
#[derive(Clone, Copy, Debug)]
pub struct PredefinedProfile {
    id: &'static str,
    name: &'static str,
    members: Members,
    threshold: Threshold,
}

/// From when on a predefined profile matches.
#[derive(Clone, Copy, Debug)]
enum Threshold {
    /// From the first finding on.
    First,
    /// From so many different entries on that start within so many bytes of one part.
    Near { distinct_min: u32, within_bytes: u64 },
}

/// Which detectors a predefined profile has.
#[derive(Clone, Copy, Debug)]
enum Members {
    /// All of a category.
    Category(Category),
    /// Those of these ids.
    Listed(&'static [&'static str]),
    /// None: the languages of source code.
    Sources,
}

impl PredefinedProfile {
    /// The predefined profile of this id.
    ///
    /// # Errors
    /// [`BuildError::UnknownProfile`] if there is none.
    pub fn find(id: &str) -> Result<&'static Self, BuildError> {
        ALL.iter().find(|profile| profile.id == id).ok_or_else(|| BuildError::UnknownProfile {
            profile: id.to_owned(),
            suggestion: nearest(id, ALL.iter().map(Self::id)).map(str::to_owned),
        })
    }

    /// Its id, such as `credentials_and_secrets`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its detectors, in the order of their ids.
    pub fn detectors(&self) -> impl Iterator<Item = &'static Detector> {
        detectors().iter().filter(|detector| match self.members {
            Members::Category(category) => detector.category() == category,
            Members::Listed(ids) => ids.contains(&detector.id()),
            Members::Sources => false,
        })
    }

    /// The languages of source code that it has.
    #[must_use]
    pub const fn sources(&self) -> &'static [SourceKind] {
        match self.members {
            Members::Category(_) | Members::Listed(_) => &[],
            Members::Sources => &SourceKind::ALL,
        }
    }

    /// It as a configuration: a profile of the same id. Most match at the first finding of any of
    /// their detectors, or of source code in any of their languages; `pii_record` where three
    /// different ones find something within 1,000 bytes of one part.
    #[must_use]
    pub fn config(&self) -> ProfileConfig {
        let sources = self.sources().iter().map(|kind| kind.id());
        let entries = self.detectors().map(Detector::id).chain(sources);
        let first = ProfileConfig::new(self.id, entries);
        match self.threshold {
            Threshold::First => first,
            Threshold::Near { distinct_min, within_bytes } => {
                ProfileConfig { distinct_min, within_bytes: Some(within_bytes), ..first }
            }
        }
    }
}

/// All predefined profiles, in the order of their ids.
#[must_use]
pub const fn predefined_profiles() -> &'static [PredefinedProfile] {
    ALL
}

const ALL: &[PredefinedProfile] = &[
    // Not postal codes, and not numbers that are told by a name alone.
    PredefinedProfile {
        id: "contact_information",
        name: "Contact information",
        members: Members::Listed(&[
            "au_address",
            "ca_address",
            "email_address",
            "jp_postal_address",
            "us_mailing_address",
            "us_phone_number",
            "us_physical_address",
        ]),
        threshold: Threshold::First,
    },
    PredefinedProfile {
        id: "credentials_and_secrets",
        name: "Credentials and secrets",
        members: Members::Category(Category::Credentials),
        threshold: Threshold::First,
    },
    // Not `payment_card`, which would find each number once more, and not what has no check.
    PredefinedProfile {
        id: "financial_information",
        name: "Financial information",
        members: Members::Listed(&[
            "amex_card",
            "bitcoin_address",
            "ca_bank_account",
            "card_security_code",
            "diners_card",
            "discover_card",
            "ethereum_address",
            "iban",
            "jcb_card",
            "mastercard_card",
            "mx_clabe",
            "swift_code",
            "union_pay_card",
            "us_routing_number",
            "visa_card",
        ]),
        threshold: Threshold::First,
    },
    PredefinedProfile {
        id: "health_information",
        name: "Health information",
        members: Members::Category(Category::Health),
        threshold: Threshold::First,
    },
    // Numbers of eight to thirteen digits are wanted by country: of all together, some would pass
    // every other number. These are the ones with letters, separators or more than one check.
    PredefinedProfile {
        id: "identifier_numbers",
        name: "Social security, insurance, tax and identifier numbers",
        members: Members::Listed(&[
            "at_vat",
            "be_national_number",
            "be_vat",
            "ch_ahv_number",
            "cl_rut",
            "cn_resident_id",
            "de_vat",
            "es_dni",
            "fi_hetu",
            "fr_social_security",
            "fr_vat",
            "gb_nino",
            "gb_vat",
            "hk_identity_card",
            "ie_pps",
            "in_aadhaar",
            "in_gstin",
            "in_pan",
            "it_fiscal_code",
            "kr_rrn",
            "lu_tax_number",
            "lu_vat",
            "lv_personal_code",
            "mx_curp",
            "nl_vat",
            "no_identity_number",
            "ro_cnp",
            "se_personal_number",
            "sg_nric",
            "tw_identity_number",
            "us_itin",
            "us_ssn",
        ]),
        threshold: Threshold::First,
    },
    // One of these alone is in any letter; several together are the data of a person. The
    // entries and their number are those of Cloudflare's profile of this name; how near each other they must
    // be it does not say.
    PredefinedProfile {
        id: "pii_record",
        name: "Personally identifiable information (PII) record",
        members: Members::Listed(&[
            "amex_card",
            "au_passport",
            "diners_card",
            "email_address",
            "full_name",
            "mastercard_card",
            "union_pay_card",
            "us_driver_license",
            "us_itin",
            "us_mailing_address",
            "us_passport",
            "us_phone_number",
            "us_ssn",
            "visa_card",
        ]),
        threshold: Threshold::Near { distinct_min: 3, within_bytes: 1_000 },
    },
    PredefinedProfile {
        id: "source_code",
        name: "Source code",
        members: Members::Sources,
        threshold: Threshold::First,
    },
];

#[cfg(test)]
mod tests {
    use gateway_inspect::{Chain, Examiner, Findings, Part, PartKind, Tally, Wanted};

    use super::*;
    use crate::{DlpBuilder, Limits};

    #[test]
    fn ids_are_in_order() {
        assert!(predefined_profiles().is_sorted_by(|a, b| a.id() < b.id()));
        for profile in predefined_profiles() {
            if let Members::Listed(ids) = profile.members {
                assert!(ids.is_sorted(), "{}", profile.id());
                assert_eq!(profile.detectors().count(), ids.len(), "{}", profile.id());
            }
        }
    }

    #[test]
    fn a_profile_is_found_by_its_id() {
        assert_eq!(PredefinedProfile::find("financial_information").unwrap().id(), ALL[2].id);
        let says = PredefinedProfile::find("financial").unwrap_err().to_string();
        assert_eq!(says, "no predefined profile `financial`");
        let says = PredefinedProfile::find("credentials_and_secret").unwrap_err().to_string();
        assert!(says.ends_with("did you mean `credentials_and_secrets`?"), "{says}");
    }

    /// A card number and the name beside it are one entry too few.
    #[test]
    fn a_record_of_a_person_has_three_entries_near_each_other() {
        let profile = PredefinedProfile::find("pii_record").unwrap();
        let dlp = DlpBuilder::new().profile(profile.config()).build(&Limits::default()).unwrap();
        let check = |text: &str, expected: bool| {
            let part = Part::root(PartKind::Text, None);
            let mut findings = Findings::new(100);
            let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
            chain.push(text.as_bytes(), &mut findings);
            chain.finish(&mut findings);
            let mut tally = Tally::default();
            findings.drain().for_each(|finding| tally.fold(&finding, None));
            assert_eq!(tally.profiles().count() == 1, expected, "{text}");
        };
        let (name, mail, phone) = ("John Smith", "john@example.com", "415-555-0132");
        let far = ".".repeat(1_000);
        check(&format!("{name}, {mail}"), false);
        check(&format!("{name}, {mail}, Anna Miller, anna@example.com"), false);
        check(&format!("{name}, {mail}, {phone}"), true);
        check(&format!("{name}, {mail} {far} {phone}"), false);
        check(&format!("{name}, {mail} {far} {phone}, {mail}, {name}"), true);
    }

    #[test]
    fn every_profile_builds() {
        for profile in predefined_profiles() {
            let dlp = DlpBuilder::new().profile(profile.config()).build(&Limits::default());
            let entries = dlp.unwrap().entries().count();
            let members = profile.detectors().count() + profile.sources().len();
            assert!(entries > 0 && entries == members, "{}", profile.id());
        }
    }
}
