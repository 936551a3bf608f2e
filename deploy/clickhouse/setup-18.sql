-- The same table for ClickHouse 18 to 20, such as Debian 12's: times as nanoseconds, addresses as
-- sixteen bytes. Needs columns = "assumed" in [log.clickhouse].
--
--   clickhouse-client --multiquery < setup-18.sql

CREATE DATABASE IF NOT EXISTS gateway;

CREATE TABLE IF NOT EXISTS gateway.records
(
    WrittenAt Int64,
    Datetime Int64,
    RecordType Enum8('unknown' = 0, 'http' = 1, 'session' = 2, 'loss' = 3),
    Interim UInt8,
    RequestID String,
    SessionID String,
    TenantID String,
    ConfigGeneration UInt64,
    ProxyEndpoint String,
    Action String,
    Actions Array(String),
    PolicyID String,
    PolicyName String,
    SourceIP FixedString(16),
    SourcePort UInt16,
    Email String,
    UserID String,
    UserGroups Array(String),
    IdentitySource String,
    DeviceID String,
    DeviceName String,
    FailedPostureChecks Array(String),
    DestinationIP FixedString(16),
    DestinationPort UInt16,
    TransportProtocol String,
    DetectedProtocol String,
    SNI String,
    HTTPMethod String,
    URL String,
    HTTPHost String,
    HTTPVersion String,
    HTTPStatusCode UInt16,
    Referer String,
    UserAgent String,
    UploadMatchedDlpProfiles Array(String),
    DownloadMatchedDlpProfiles Array(String),
    ClientBytesSent UInt64,
    ClientBytesReceived UInt64,
    TotalMs UInt64,
    ConnectionCloseReason String,
    LostRecords UInt64,
    Record String,
    Day Date MATERIALIZED toDate(intDiv(WrittenAt, 1000000000))
)
ENGINE = ReplacingMergeTree()
PARTITION BY Day
ORDER BY (RecordType, WrittenAt, RequestID, SessionID);
