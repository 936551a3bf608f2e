//! A record as a row: the columns that questions ask for, and the whole record as JSON beside
//! them. `deploy/clickhouse/` defines the table.

use std::net::{IpAddr, Ipv6Addr};

use serde::{Deserialize, Deserializer, Serialize};

use crate::delivery::Parcel;

/// One row. Names are those of the record's fields; a fact that is not known is empty or 0.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, clickhouse::Row)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Row {
    /// Not in the JSON, like `record`: set by [`Row::read`].
    pub(super) written_at: i64,
    #[serde(deserialize_with = "time_ns")]
    pub(super) datetime: i64,
    #[serde(deserialize_with = "kind")]
    pub(super) record_type: i8,
    pub(super) interim: bool,
    #[serde(rename = "RequestID")]
    pub(super) request_id: String,
    #[serde(rename = "SessionID")]
    pub(super) session_id: String,
    #[serde(rename = "TenantID")]
    pub(super) tenant_id: String,
    pub(super) config_generation: u64,
    pub(super) proxy_endpoint: String,
    pub(super) action: String,
    pub(super) actions: Vec<String>,
    #[serde(rename = "PolicyID")]
    pub(super) policy_id: String,
    pub(super) policy_name: String,
    #[serde(rename = "SourceIP", deserialize_with = "ip")]
    pub(super) source_ip: Ip,
    pub(super) source_port: u16,
    pub(super) email: String,
    #[serde(rename = "UserID")]
    pub(super) user_id: String,
    pub(super) user_groups: Vec<String>,
    pub(super) identity_source: String,
    #[serde(rename = "DeviceID")]
    pub(super) device_id: String,
    pub(super) device_name: String,
    pub(super) failed_posture_checks: Vec<String>,
    #[serde(rename = "DestinationIP", deserialize_with = "ip")]
    pub(super) destination_ip: Ip,
    pub(super) destination_port: u16,
    pub(super) transport_protocol: String,
    pub(super) detected_protocol: String,
    #[serde(rename = "SNI")]
    pub(super) sni: String,
    #[serde(rename = "HTTPMethod")]
    pub(super) http_method: String,
    #[serde(rename = "URL")]
    pub(super) url: String,
    #[serde(rename = "HTTPHost")]
    pub(super) http_host: String,
    #[serde(rename = "HTTPVersion")]
    pub(super) http_version: String,
    #[serde(rename = "HTTPStatusCode")]
    pub(super) http_status_code: u16,
    pub(super) referer: String,
    pub(super) user_agent: String,
    pub(super) upload_matched_dlp_profiles: Vec<String>,
    pub(super) download_matched_dlp_profiles: Vec<String>,
    pub(super) client_bytes_sent: u64,
    pub(super) client_bytes_received: u64,
    pub(super) total_ms: u64,
    pub(super) connection_close_reason: String,
    pub(super) lost_records: u64,
    pub(super) record: String,
}

/// An address; IPv4 as `::ffff:a.b.c.d`, not known as `::`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ip(pub(super) Ipv6Addr);

impl Default for Ip {
    fn default() -> Self {
        Self(Ipv6Addr::UNSPECIFIED)
    }
}

impl Row {
    /// The row of a record; none if its JSON is none, which a damaged spool alone could bring
    /// about.
    pub(super) fn read(parcel: &Parcel) -> Option<Self> {
        let json = std::str::from_utf8(parcel.json()).ok()?;
        let mut row: Self = serde_json::from_str(json).ok()?;
        row.written_at = i64::try_from(parcel.time_ns()).unwrap_or(i64::MAX);
        row.record = json.to_owned();
        Some(row)
    }
}

/// The value of the enumeration `RecordType`.
fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i8, D::Error> {
    let name = String::deserialize(deserializer)?;
    Ok(match name.as_str() {
        "http" => 1,
        "session" => 2,
        "loss" => 3,
        _ => 0,
    })
}

fn ip<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Ip, D::Error> {
    let address: Option<IpAddr> = String::deserialize(deserializer)?.parse().ok();
    Ok(address.map_or_else(Ip::default, |address| {
        Ip(match address {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        })
    }))
}

/// Unix nanoseconds of a time as records write it: `2025-06-15T15:06:40.123456789Z`.
fn time_ns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(parse_time(&text).unwrap_or(0))
}

fn parse_time(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    // Years from March on, so that a leap day ends its year; 719,468 days before 1970.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468;
    let seconds = number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    (days * 86_400 + seconds).checked_mul(1_000_000_000)?.checked_add(number(20, 29)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_back() {
        for unix_ns in [0, 1, 951_782_400_000_000_001, 1_750_000_000_123_456_789, i64::MAX as u64] {
            let text = gateway_log::rfc3339(unix_ns);
            assert_eq!(parse_time(&text), i64::try_from(unix_ns).ok(), "{text}");
        }
        for broken in ["", "2025", "2025-06-15 ", "x025-06-15T15:06:40.123456789Z"] {
            assert_eq!(parse_time(broken), None, "{broken}");
        }
    }
}
