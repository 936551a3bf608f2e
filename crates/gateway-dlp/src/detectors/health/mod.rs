//! Health: medicines, diagnoses, and the numbers of those who give and get them.

pub(super) mod drug_brand_name;
pub(super) mod drug_ingredient;
pub(super) mod icd10_code;
pub(super) mod icd11_code;
pub(super) mod us_dea_number;
pub(super) mod us_mbi;
pub(super) mod us_ndc;
pub(super) mod us_npi;
