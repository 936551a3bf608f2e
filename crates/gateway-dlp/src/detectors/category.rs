//! What kind of data a detector finds.

/// The kind of data that a detector finds: one folder of the catalog each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Category {
    /// Keys, tokens, passwords and what else opens something.
    Credentials,
    /// Payment cards, bank accounts and wallets.
    Financial,
    /// Dates, addresses of devices and of pages: what says little by itself.
    General,
    /// Medicines, diagnoses and those who give them.
    Health,
    /// Numbers by which states know people and companies.
    Identity,
    /// How to reach a person or a device of theirs.
    Personal,
}
