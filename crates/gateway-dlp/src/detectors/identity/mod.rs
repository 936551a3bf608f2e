//! Numbers by which states know people and companies: social security, insurance, tax, documents.

pub(super) mod us_ssn;
