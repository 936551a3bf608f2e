//! The list of all detectors, in the order of their ids.

use super::{Detector, credentials, financial, identity};

/// All detectors.
pub(super) const ALL: &[Detector] = &[
    credentials::aws_access_key::DETECTOR,
    credentials::github_token::DETECTOR,
    financial::payment_card::DETECTOR,
    credentials::private_key::DETECTOR,
    identity::us_ssn::DETECTOR,
];
