//! The table of duties, row by row: each has a test that is named after the text that asks for it.
//!
//! A test shows its duty on a subject that it is given. The gateway must pass; so that none passes
//! whatever happens, each must fail on subjects that fulfil no duty: one that relays every byte, one
//! that refuses everything, and one that says nothing.

mod connections;
mod framing;
mod lines;
mod subject;
mod targets;
mod versions;

use gateway_proxy::DUTIES;

use subject::{Gateway, Relay, Silence, Subject, Wall};

type Proof = fn(&dyn Subject);

macro_rules! shown {
    ($($number:literal $module:ident $test:ident;)+) => {
        $(
            #[test]
            fn $test() {
                $module::$test(&Gateway);
            }
        )+

        /// The number of the duty, the name of its test, and what the test runs.
        const SHOWN: &[(u8, &str, Proof)] = &[$(($number, stringify!($test), $module::$test)),+];
    };
}

shown! {
    1 targets rfc_9112_3_2_host;
    2 targets rfc_9112_3_2_2_absolute_form;
    3 targets rfc_9112_3_2_3_authority_form;
    4 connections rfc_9112_9_6_refused_connect;
    5 targets rfc_9112_3_2_4_asterisk_form;
    6 connections rfc_9110_7_6_1_fields_of_one_hop;
    7 connections rfc_9110_11_7_authentication_with_proxies;
    8 connections rfc_9110_7_6_3_via;
    9 connections rfc_9110_7_6_2_max_forwards;
    10 framing rfc_9112_6_1_both_framing_fields;
    11 framing rfc_9112_6_1_transfer_encoding;
    12 framing rfc_9110_8_6_content_length;
    13 framing rfc_9112_6_3_where_a_body_ends;
    14 lines rfc_9112_5_1_blanks_before_the_colon;
    15 lines rfc_9112_5_2_folded_fields;
    16 lines rfc_9112_2_2_lf_or_cr_alone;
    17 framing rfc_9112_7_1_1_chunks;
    18 framing rfc_9110_6_5_trailers;
    19 connections rfc_9110_10_1_1_expect;
    20 connections rfc_9110_15_2_interim_responses;
    21 connections rfc_9110_7_8_upgrade;
    22 connections rfc_9112_9_3_2_pipelined_requests;
    23 targets rfc_9112_3_bytes_of_a_target;
    24 framing rfc_9110_7_7_no_transform;
    25 lines rfc_9112_2_2_empty_lines_before_a_request;
    26 versions rfc_9112_2_3_versions;
    27 versions rfc_9113_8_2_from_http2;
    28 versions rfc_9113_8_3_to_http2;
}

/// How a text is written at the beginning of a name.
fn slug(source: &str) -> String {
    source.to_lowercase().replace([' ', '.'], "_").replace('§', "")
}

#[test]
fn each_duty_has_its_test_and_no_test_can_be_fooled() {
    let shown: Vec<u8> = SHOWN.iter().map(|(number, ..)| *number).collect();
    let owed: Vec<u8> = DUTIES.iter().map(|duty| duty.number).collect();
    assert_eq!(shown, owed);
    let idle: [&dyn Subject; 3] = [&Relay, &Wall, &Silence];
    for ((_, test, proof), duty) in SHOWN.iter().zip(DUTIES) {
        let beginning = format!("{}_", slug(duty.source));
        assert!(test.starts_with(&beginning), "{test} shows {}", duty.source);
        for subject in idle {
            let fooled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| proof(subject)));
            assert!(fooled.is_err(), "{test} passes where {} is asked", subject.name());
        }
    }
}
