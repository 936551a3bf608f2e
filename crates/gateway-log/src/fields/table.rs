//! The table of a record's fields, in the order in which encodings show them.

use super::members::{
    ADAPTATION, DLP_MATCH, DLP_PROFILE_MATCH, EXTERNAL_SCAN, FILE_SEEN, SIGNATURE_MATCH,
    TRAIL_STEP, UNSCANNABLE_PART,
};
use super::row::{Row, http, network, of_worker, own, session_time, sessions, shared};
use super::rows::rows;
use super::value::{Value, boolean, integer, ip, list, text, timestamp, url, word};
use super::{FieldType, Unit, specs};
use crate::record::{
    Action, CertificateValidation, CloseReason, Interception, QuarantineOutcome, Record, Transport,
    UntrustedCertificateAction, WorkerBypass, WorkerNext, WorkerOutcome,
};

rows![
    if |_| true => [
        own(
            "RecordType",
            FieldType::Text,
            "http for a transaction, session for a connection, loss for records that a sink lost.",
            |r| word(Some(r.kind.as_str())),
        ),
        own("Interim", FieldType::Bool, "Present and true while the flow goes on.", |r| {
            if r.interim { Value::Bool(true) } else { Value::Absent }
        }),
        shared("Datetime", FieldType::Timestamp, "When the request or connection came.", |r| {
            timestamp(r.started_ns)
        }),
        http("RequestID", FieldType::Text, "The transaction, unique in the fleet.", |r| {
            text(&r.request_id)
        }),
        shared("SessionID", FieldType::Text, "The session, unique in the fleet.", |r| {
            text(&r.session_id)
        }),
        shared("TenantID", FieldType::Text, "The tenant whose policy applied.", |r| text(&r.tenant_id)),
        own(
            "ConfigGeneration",
            FieldType::Integer,
            "The generation of the policy snapshot that decided.",
            |r| integer(Some(r.config_generation)),
        ),
        shared("ProxyEndpoint", FieldType::Text, "The listener that accepted the client.", |r| {
            text(&r.proxy_endpoint)
        }),
        shared("Action", FieldType::Text, "What was finally done to the flow.", |r| {
            word(r.decision.action.map(Action::as_str))
        }),
        own(
            "Actions",
            FieldType::Texts,
            "Every action carried out, in order; the last one is Action.",
            |r| list(&r.decision.actions),
        ),
        shared("PolicyID", FieldType::Text, "The rule behind Action.", |r| text(&r.decision.policy_id)),
        shared("PolicyName", FieldType::Text, "The name of the rule behind Action.", |r| {
            text(&r.decision.policy_name)
        }),
        own(
            "DecisionTrail",
            FieldType::Objects,
            "Every rule that matched, shadow rules included, in order.",
            |r| list(&r.decision.trail),
        )
        .of(|| specs(TRAIL_STEP)),
        shared("SourceIP", FieldType::Ip, "The client's address.", |r| ip(r.source_ip())),
        shared("SourcePort", FieldType::Integer, "The client's port.", |r| {
            integer(r.client.addr.map(|addr| addr.port()))
        }),
        shared("Email", FieldType::Text, "The user's e-mail address.", |r| text(&r.client.user.email)),
        shared("UserID", FieldType::Text, "What names the user.", |r| text(&r.client.user.id)),
        own("UserGroups", FieldType::Texts, "The groups that the user is in.", |r| {
            list(&r.client.user.groups)
        }),
        own(
            "IdentitySource",
            FieldType::Text,
            "Who vouches for the user: address, certificate, password or token.",
            |r| text(&r.client.user.source),
        ),
        shared("DeviceID", FieldType::Text, "What names the client's device.", |r| {
            text(&r.client.device.id)
        }),
        shared("DeviceName", FieldType::Text, "The name of the client's device.", |r| {
            text(&r.client.device.name)
        }),
        own(
            "FailedPostureChecks",
            FieldType::Texts,
            "The posture checks that the client's device does not pass.",
            |r| list(&r.client.device.failed_checks),
        ),
        shared("DestinationIP", FieldType::Ip, "The address the gateway connected to.", |r| {
            ip(r.destination_ip())
        }),
        shared("DestinationPort", FieldType::Integer, "The port the gateway connected to.", |r| {
            integer(r.origin.addr.map(|addr| addr.port()))
        }),
        sessions("EgressIP", FieldType::Ip, "The gateway's own address towards the origin.", |r| {
            ip(r.origin.egress.map(|addr| addr.ip()))
        }),
        sessions("EgressPort", FieldType::Integer, "The gateway's own port towards the origin.", |r| {
            integer(r.origin.egress.map(|addr| addr.port()))
        }),
        sessions(
            "ResolvedFQDN",
            FieldType::Text,
            "The name that was resolved to DestinationIP.",
            |r| text(&r.origin.resolved_fqdn),
        ),
        network("TransportProtocol", FieldType::Text, "tcp, udp or quic.", |r| {
            word(r.client.transport.map(Transport::as_str))
        }),
        network(
            "DetectedProtocol",
            FieldType::Text,
            "The application protocol found in the first bytes.",
            |r| text(&r.client.detected_protocol),
        ),
        network("SNI", FieldType::Text, "The server name of the ClientHello.", |r| text(&r.client.sni)),
        own("JA4", FieldType::Text, "The JA4 fingerprint of the ClientHello.", |r| text(&r.client.ja4)),
        own(
            "AuthorityMismatch",
            FieldType::Bool,
            "Whether the names of CONNECT, SNI and Host contradict each other.",
            |r| boolean(r.decision.authority_mismatch),
        ),
        own("InspectionVerdict", FieldType::Text, "inspected, spliced or undecided.", |r| {
            word(r.inspection.interception.map(Interception::as_str))
        }),
        own("InspectionReason", FieldType::Text, "Why a connection was spliced.", |r| {
            word(r.inspection.interception.and_then(Interception::reason))
        }),
        http("HTTPMethod", FieldType::Text, "The request method.", |r| text(&r.http.method)),
        http("URL", FieldType::Text, "The request URL.", |r| url(&r.http.url)),
        http("HTTPHost", FieldType::Text, "The Host header or :authority.", |r| text(&r.http.host)),
        http("HTTPVersion", FieldType::Text, "The protocol that the client spoke.", |r| {
            text(&r.http.version)
        }),
        own("OriginHTTPVersion", FieldType::Text, "The protocol that the origin was asked in.", |r| {
            text(&r.http.origin_version)
        }),
        own(
            "HTTPStreamID",
            FieldType::Integer,
            "The stream of the client's HTTP/2 connection that carried the request.",
            |r| integer(r.http.stream),
        ),
        own("HTTPRequests", FieldType::Integer, "Requests that the connection has brought.", |r| {
            integer(r.http.requests)
        }),
        http(
            "HTTPStatusCode",
            FieldType::Integer,
            "The status that the client saw; 0 where it saw none.",
            |r| integer(r.http.status),
        ),
        http("Referer", FieldType::Text, "The Referer header.", |r| text(&r.http.referer)),
        http("UserAgent", FieldType::Text, "The User-Agent header.", |r| text(&r.http.user_agent)),
        http("RedirectTargetURI", FieldType::Text, "Where the client was redirected to.", |r| {
            url(&r.decision.redirect_target_uri)
        }),
        http(
            "UntrustedCertificateAction",
            FieldType::Text,
            "none, block, error or passThrough: what was done about an origin certificate that does not verify.",
            |r| word(r.decision.untrusted_certificate_action.map(UntrustedCertificateAction::as_str)),
        ),
    ],
    if |r| !r.inspection.upload_dlp.is_unknown() => [
        http(
            "UploadMatchedDlpProfiles",
            FieldType::Texts,
            "DLP profiles that matched the request body.",
            |r| list(&r.inspection.upload_dlp.profiles),
        ),
        http(
            "UploadMatchedDlpProfileEntries",
            FieldType::Texts,
            "DLP entries that matched the request body.",
            |r| list(&r.inspection.upload_dlp.entries),
        ),
        own(
            "UploadDlpMatchCounts",
            FieldType::Objects,
            "How often each DLP entry matched the request body; never what matched.",
            |r| list(&r.inspection.upload_dlp.counts),
        )
        .of(|| specs(DLP_PROFILE_MATCH)),
        own("UploadDlpMatches", FieldType::Objects, "First matches in the request body, masked.", |r| {
            list(&r.inspection.upload_dlp.matches)
        })
        .of(|| specs(DLP_MATCH)),
        own(
            "UploadDlpPayload",
            FieldType::Text,
            "Matches in the request body with what stands around them, sealed, in base64.",
            |r| text(&r.inspection.upload_dlp.payload),
        ),
        own(
            "PromptApplication",
            FieldType::Text,
            "The application of language models for which the request carries a prompt.",
            |r| text(&r.inspection.upload_dlp.prompt_app),
        ),
        own(
            "PromptMatchedDlpProfiles",
            FieldType::Texts,
            "DLP profiles that matched that prompt.",
            |r| list(&r.inspection.upload_dlp.prompt_profiles),
        ),
    ],
    if |r| !r.inspection.download_dlp.is_unknown() => [
        http(
            "DownloadMatchedDlpProfiles",
            FieldType::Texts,
            "DLP profiles that matched the response body.",
            |r| list(&r.inspection.download_dlp.profiles),
        ),
        http(
            "DownloadMatchedDlpProfileEntries",
            FieldType::Texts,
            "DLP entries that matched the response body.",
            |r| list(&r.inspection.download_dlp.entries),
        ),
        own(
            "DownloadDlpMatchCounts",
            FieldType::Objects,
            "How often each DLP entry matched the response body; never what matched.",
            |r| list(&r.inspection.download_dlp.counts),
        )
        .of(|| specs(DLP_PROFILE_MATCH)),
        own(
            "DownloadDlpMatches",
            FieldType::Objects,
            "The first matches in the response body, masked; where the gateway is told to show them.",
            |r| list(&r.inspection.download_dlp.matches),
        )
        .of(|| specs(DLP_MATCH)),
        own(
            "DownloadDlpPayload",
            FieldType::Text,
            "Matches in the response body with what stands around them, sealed, in base64.",
            |r| text(&r.inspection.download_dlp.payload),
        ),
    ],
    if |_| true => [
        own("DlpSampled", FieldType::Bool, "Whether a body was one of a sample for DLP.", |r| {
            boolean(r.inspection.dlp_sampled)
        }),
        own(
            "LateFinding",
            FieldType::Bool,
            "Whether this tells what a second opinion found once the body had left; the request has another record.",
            |r| boolean(r.inspection.late_finding),
        ),
        own("Files", FieldType::Objects, "Files seen in the request and response bodies.", |r| {
            list(&r.inspection.files)
        })
        .of(|| specs(FILE_SEEN)),
    ],
    if |r| !r.inspection.blocked_file.is_unknown() => [
        http(
            "BlockedFileName",
            FieldType::Text,
            "The name, or path through archives, of the file that caused a block.",
            |r| text(&r.inspection.blocked_file.name),
        ),
        http("BlockedFileHash", FieldType::Text, "The hash of that file in hexadecimal.", |r| {
            text(&r.inspection.blocked_file.hash)
        }),
        http("BlockedFileReason", FieldType::Text, "Why that file was blocked.", |r| {
            text(&r.inspection.blocked_file.reason)
        }),
        http("BlockedFileSize", FieldType::Integer, "The length of that file.", |r| {
            integer(r.inspection.blocked_file.bytes)
        })
        .in_unit(Unit::Bytes),
        http("BlockedFileType", FieldType::Text, "The type of that file, by content.", |r| {
            text(&r.inspection.blocked_file.kind)
        }),
    ],
    if |r| !r.inspection.quarantine.is_unknown() => [
        own("Quarantine", FieldType::Text, "Whether a body was kept aside: stored, failed.", |r| {
            word(r.inspection.quarantine.outcome.map(QuarantineOutcome::as_str))
        }),
        own("QuarantineDetail", FieldType::Text, "Why it is not in the store.", |r| {
            text(&r.inspection.quarantine.detail)
        }),
        own("QuarantineID", FieldType::Text, "Names it in the store.", |r| {
            text(&r.inspection.quarantine.id)
        }),
        own("QuarantineBytes", FieldType::Integer, "How many bytes of it are there.", |r| {
            integer(r.inspection.quarantine.bytes)
        })
        .in_unit(Unit::Bytes),
        own("QuarantineSHA256", FieldType::Text, "The SHA-256 of these, in hexadecimal.", |r| {
            text(&r.inspection.quarantine.sha256)
        }),
        own("QuarantinePartial", FieldType::Bool, "Whether these are not all of the body.", |r| {
            boolean(r.inspection.quarantine.partial)
        }),
    ],
    if |r| !r.inspection.release.is_unknown() => [
        own(
            "ReleaseMode",
            FieldType::Text,
            "How the response body left, where its type decided: hold, tail, trickle, pass, progress.",
            |r| text(&r.inspection.release.mode),
        ),
        own(
            "ReleaseRequestID",
            FieldType::Text,
            "The request whose body a progress page stood for, of those who ask for that page.",
            |r| text(&r.inspection.release.request_id),
        ),
    ],
    if |_| true => [
        own("MatchedSignatures", FieldType::Objects, "Malware signatures that matched.", |r| {
            list(&r.inspection.signatures)
        })
        .of(|| specs(SIGNATURE_MATCH)),
        own("ExternalScans", FieldType::Objects, "What external scanners said.", |r| {
            list(&r.inspection.external_scans)
        })
        .of(|| specs(EXTERNAL_SCAN)),
        own(
            "Adaptations",
            FieldType::Objects,
            "What ICAP services made of the messages that went through them.",
            |r| list(&r.inspection.adaptations),
        )
        .of(|| specs(ADAPTATION)),
        own("UnscannableParts", FieldType::Objects, "Parts that could not be scanned.", |r| {
            list(&r.inspection.unscannable)
        })
        .of(|| specs(UNSCANNABLE_PART)),
    ],
    if |r| r.worker.is_some() => [
        own("WorkerName", FieldType::Text, "The Worker that the request was handed to.", |r| {
            of_worker(r, |worker| text(&worker.name))
        }),
        own("WorkerVersion", FieldType::Text, "Which version of its code ran.", |r| {
            of_worker(r, |worker| text(&worker.version))
        }),
        own("WorkerPolicyID", FieldType::Text, "The rule that handed the request to it.", |r| {
            of_worker(r, |worker| text(&worker.policy_id))
        }),
        own(
            "WorkerOutcome",
            FieldType::Text,
            "ok, canceled, exception, deadline, broken, busy, open or unavailable.",
            |r| of_worker(r, |worker| word(worker.outcome.map(WorkerOutcome::as_str))),
        ),
        own("WorkerNextCalled", FieldType::Bool, "Whether it passed the request on.", |r| {
            of_worker(r, |worker| Value::Bool(worker.next == WorkerNext::Called))
        }),
        own(
            "WorkerBypassed",
            FieldType::Bool,
            "Present and true where it failed and the request went on without it.",
            |r| {
                of_worker(r, |worker| match worker.bypass {
                    WorkerBypass::Yes => Value::Bool(true),
                    WorkerBypass::No => Value::Absent,
                })
            },
        ),
        own(
            "WorkerHeadMs",
            FieldType::Integer,
            "From the hand-over to the head of its answer, or to its failure.",
            |r| of_worker(r, |worker| integer(worker.head_ms)),
        )
        .in_unit(Unit::Milliseconds),
        own("WorkerOriginMs", FieldType::Integer, "Of these, spent at the origin behind it.", |r| {
            of_worker(r, |worker| integer(worker.origin_ms))
        })
        .in_unit(Unit::Milliseconds),
    ],
    if |_| true => [
        sessions("BytesSent", FieldType::Integer, "Bytes sent to the origin.", |r| {
            integer(r.bytes.to_origin)
        })
        .in_unit(Unit::Bytes),
        sessions("BytesReceived", FieldType::Integer, "Bytes received from the origin.", |r| {
            integer(r.bytes.from_origin)
        })
        .in_unit(Unit::Bytes),
        own("ClientBytesSent", FieldType::Integer, "Bytes sent to the client.", |r| {
            integer(r.bytes.to_client)
        })
        .in_unit(Unit::Bytes),
        own("ClientBytesReceived", FieldType::Integer, "Bytes received from the client.", |r| {
            integer(r.bytes.from_client)
        })
        .in_unit(Unit::Bytes),
    ],
    if |r| !r.datagrams.is_unknown() => [
        own(
            "ClientDatagramsReceived",
            FieldType::Integer,
            "Datagrams received from the client.",
            |r| integer(r.datagrams.from_client),
        )
        .in_unit(Unit::Count),
        own("ClientDatagramsSent", FieldType::Integer, "Datagrams sent to the client.", |r| {
            integer(r.datagrams.to_client)
        })
        .in_unit(Unit::Count),
        own("DatagramsSent", FieldType::Integer, "Datagrams sent to the origin.", |r| {
            integer(r.datagrams.to_origin)
        })
        .in_unit(Unit::Count),
        own(
            "DatagramsDropped",
            FieldType::Integer,
            "Datagrams of either side that were not relayed.",
            |r| integer(r.datagrams.dropped),
        )
        .in_unit(Unit::Count),
    ],
    if |_| true => [
        own(
            "BytesReleasedBeforeBlock",
            FieldType::Integer,
            "Body bytes that had passed before a block cut the flow.",
            |r| integer(r.bytes.released_before_block),
        )
        .in_unit(Unit::Bytes),
        own("BytesScanned", FieldType::Integer, "Decoded bytes that scanners saw, both ways.", |r| {
            integer(r.inspection.scanned_bytes)
        })
        .in_unit(Unit::Bytes),
        own("RuleEvaluationUs", FieldType::Integer, "Time spent on evaluating rules.", |r| {
            integer(r.timings.rule_evaluation_us)
        })
        .in_unit(Unit::Microseconds),
        own("ScanUs", FieldType::Integer, "Time spent on unpacking and scanning.", |r| {
            integer(r.timings.scan_us)
        })
        .in_unit(Unit::Microseconds),
        own("MintUs", FieldType::Integer, "Time spent on minting the certificate.", |r| {
            integer(r.timings.mint_us)
        })
        .in_unit(Unit::Microseconds),
        own(
            "MintCacheHit",
            FieldType::Bool,
            "Whether the minted certificate came from the cache.",
            |r| boolean(r.inspection.mint_cache_hit),
        ),
        sessions(
            "ClientTLSHandshakeDurationMs",
            FieldType::Integer,
            "The TLS handshake with the client.",
            |r| integer(r.timings.client_tls_ms),
        )
        .in_unit(Unit::Milliseconds),
        sessions("ClientTLSVersion", FieldType::Text, "The TLS version towards the client.", |r| {
            text(&r.client.tls.version)
        }),
        sessions("ClientTLSCipher", FieldType::Text, "The cipher suite towards the client.", |r| {
            text(&r.client.tls.cipher)
        }),
        own("OriginConnectMs", FieldType::Integer, "Connecting to the origin.", |r| {
            integer(r.timings.origin_connect_ms)
        })
        .in_unit(Unit::Milliseconds),
        sessions(
            "OriginTLSHandshakeDurationMs",
            FieldType::Integer,
            "The TLS handshake with the origin.",
            |r| integer(r.timings.origin_tls_ms),
        )
        .in_unit(Unit::Milliseconds),
        sessions("OriginTLSVersion", FieldType::Text, "The TLS version towards the origin.", |r| {
            text(&r.origin.tls.version)
        }),
        sessions("OriginTLSCipher", FieldType::Text, "The cipher suite towards the origin.", |r| {
            text(&r.origin.tls.cipher)
        }),
        sessions(
            "OriginTLSCertificateIssuer",
            FieldType::Text,
            "The issuer of the origin's certificate.",
            |r| text(&r.origin.certificate_issuer),
        ),
        sessions(
            "OriginTLSCertificateValidationResult",
            FieldType::Text,
            "What verifying the origin's certificate gave.",
            |r| word(r.origin.certificate_validation.map(CertificateValidation::as_str)),
        ),
        sessions(
            "ConnectionReuse",
            FieldType::Bool,
            "Whether a pooled origin connection served.",
            |r| boolean(r.origin.reused),
        ),
        own(
            "OriginTtfbMs",
            FieldType::Integer,
            "From the end of the request head to the first byte of the response.",
            |r| integer(r.timings.origin_ttfb_ms),
        )
        .in_unit(Unit::Milliseconds),
        own("TotalMs", FieldType::Integer, "From start to end of the flow.", |r| {
            integer(r.timings.total_ms)
        })
        .in_unit(Unit::Milliseconds),
        sessions("SessionStartTime", FieldType::Timestamp, "When the session began.", |r| {
            session_time(r, r.started_ns)
        }),
        sessions(
            "SessionEndTime",
            FieldType::Timestamp,
            "When the session ended; absent while it goes on.",
            |r| session_time(r, r.ended_ns),
        ),
        sessions("ConnectionCloseReason", FieldType::Text, "Why the connection ended.", |r| {
            word(r.close_reason.map(CloseReason::as_str))
        }),
        http("Warnings", FieldType::Texts, "Things that deserve a look but decided nothing.", |r| {
            list(&r.warnings)
        }),
    ],
    if |r| !r.websocket.is_unknown() => [
        own(
            "WebSocketMessagesFromClient",
            FieldType::Integer,
            "WebSocket messages that the client began to send.",
            |r| integer(r.websocket.messages_from_client),
        )
        .in_unit(Unit::Count),
        own(
            "WebSocketMessagesFromOrigin",
            FieldType::Integer,
            "WebSocket messages that the origin began to send.",
            |r| integer(r.websocket.messages_from_origin),
        )
        .in_unit(Unit::Count),
        own(
            "WebSocketMessagesRefused",
            FieldType::Integer,
            "WebSocket messages that the gateway left out or replaced, because a rule refused them.",
            |r| integer(r.websocket.messages_refused),
        )
        .in_unit(Unit::Count),
        own(
            "WebSocketCloseCodeOfClient",
            FieldType::Integer,
            "The code of the client's close frame.",
            |r| integer(r.websocket.close_code_of_client.map(u64::from)),
        ),
        own(
            "WebSocketCloseCodeOfOrigin",
            FieldType::Integer,
            "The code of the origin's close frame.",
            |r| integer(r.websocket.close_code_of_origin.map(u64::from)),
        ),
        own(
            "WebSocketCloseCodeSent",
            FieldType::Integer,
            "The code of the close frame that the gateway sent to both, such as 1008 for a block.",
            |r| integer(r.websocket.close_code_sent.map(u64::from)),
        ),
        own("WebSocketCompressed", FieldType::Bool, "Whether permessage-deflate was agreed on.", |r| {
            boolean(r.websocket.compressed)
        }),
        own(
            "WebSocketProtocol",
            FieldType::Text,
            "The WebSocket subprotocol that was agreed on.",
            |r| text(&r.websocket.protocol),
        ),
    ],
    if |r| !r.loss.is_unknown() => [
        own("LostRecords", FieldType::Integer, "Records that a sink lost since it last told.", |r| {
            integer(r.loss.records)
        })
        .in_unit(Unit::Count),
        own("LostSink", FieldType::Text, "The sink that lost records.", |r| text(&r.loss.sink)),
    ],
];
