-- Database and table for the records of gateway-proxy, for ClickHouse 21 and later:
--
--   clickhouse-client --multiquery < setup.sql
--
-- Columns that the gateway writes carry the names of the record's fields; docs/logs.md explains
-- them. WrittenAt and Record are beside them: when the record was written, and the whole record as
-- JSON, from which every other field can be had: JSONExtractString(Record, 'JA4').
--
-- A record can be delivered twice. Both copies are equal, so that the table keeps one of them when
-- it merges parts; SELECT … FINAL sees one of them at any time.

CREATE DATABASE IF NOT EXISTS gateway;

CREATE TABLE IF NOT EXISTS gateway.records
(
    WrittenAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD),
    Datetime DateTime64(9, 'UTC') CODEC(Delta, ZSTD),
    RecordType Enum8('unknown' = 0, 'http' = 1, 'session' = 2, 'loss' = 3),
    Interim Bool,
    RequestID String,
    SessionID String,
    TenantID LowCardinality(String),
    ConfigGeneration UInt64,
    ProxyEndpoint LowCardinality(String),
    Action LowCardinality(String),
    Actions Array(LowCardinality(String)),
    PolicyID LowCardinality(String),
    PolicyName LowCardinality(String),
    SourceIP IPv6,
    SourcePort UInt16,
    Email String,
    UserID String,
    UserGroups Array(LowCardinality(String)),
    IdentitySource LowCardinality(String),
    DeviceID String,
    DeviceName String,
    FailedPostureChecks Array(LowCardinality(String)),
    DestinationIP IPv6,
    DestinationPort UInt16,
    TransportProtocol LowCardinality(String),
    DetectedProtocol LowCardinality(String),
    SNI String,
    HTTPMethod LowCardinality(String),
    URL String CODEC(ZSTD),
    HTTPHost String,
    HTTPVersion LowCardinality(String),
    HTTPStatusCode UInt16,
    Referer String CODEC(ZSTD),
    UserAgent String CODEC(ZSTD),
    UploadMatchedDlpProfiles Array(LowCardinality(String)),
    DownloadMatchedDlpProfiles Array(LowCardinality(String)),
    ClientBytesSent UInt64,
    ClientBytesReceived UInt64,
    TotalMs UInt64,
    ConnectionCloseReason LowCardinality(String),
    LostRecords UInt64,
    Record String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(WrittenAt)
ORDER BY (RecordType, WrittenAt, RequestID, SessionID)
TTL toDateTime(WrittenAt) + INTERVAL 90 DAY;

-- Requests by minute, rule and action.
CREATE VIEW IF NOT EXISTS gateway.requests_by_minute AS
SELECT
    toStartOfMinute(WrittenAt) AS Minute,
    Action,
    PolicyID,
    count() AS Requests,
    sum(ClientBytesReceived) AS BytesUp,
    sum(ClientBytesSent) AS BytesDown,
    quantile(0.95)(TotalMs) AS TotalMs95
FROM gateway.records FINAL
WHERE RecordType = 'http' AND NOT Interim
GROUP BY Minute, Action, PolicyID;

-- A user that may write and nothing else; the gateway reads the password from a file or from a
-- variable of its environment.
--
--   CREATE USER gateway IDENTIFIED BY '…';
--   GRANT INSERT, SHOW COLUMNS ON gateway.records TO gateway;
