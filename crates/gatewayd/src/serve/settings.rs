//! From the configuration and the policy folder to what the machines run under.

use std::sync::Arc;
use std::time::Duration;

use gateway_inspect::HoldPolicy;
use gateway_proxy::{
    ConnectUdpPolicy, Http2Policy, OriginHttp2, Policy, Scanner, Settings, Timeouts,
    WebSocketPolicy,
};
use gateway_rules::RuleSet;

use crate::config::{self, Config};
use crate::policy::LoadedPolicy;
use crate::workers;

/// The policy as the machines want it.
pub(super) fn snapshot(
    config: &Config,
    policy: &LoadedPolicy,
    run: u64,
    generation: u64,
) -> Policy {
    let tail = config.hold_policy();
    let dlp = std::iter::once(Scanner {
        name: "dlp",
        examiner: Arc::new(policy.dlp.clone()),
        hold: HoldPolicy::Pass,
    });
    let av = policy.av_policy.scope.narrow(&policy.av.examiners()).into_iter();
    let av = av.map(|examiner| Scanner { name: "av", examiner, hold: tail });
    let mut settings = settings(config, run);
    settings.workers = workers::policies(policy);
    settings.catalogs = policy.catalogs.clone();
    settings.dlp_sample_one_in = config.dlp.sample_one_in;
    settings.head_scan = config.dlp.head_scan();
    settings.matches = crate::payload::match_log(&config.dlp);
    settings.release = Arc::new(config.release());
    Policy { rules: policy.rules.clone(), scanners: dlp.chain(av).collect(), settings, generation }
}

/// The policy for requests that come back from Workers: nothing is asked or looked at twice. Offers to
/// change to WebSocket go past Workers, so that none of these is one.
pub(super) fn returning(policy: &Policy) -> Policy {
    let rules = RuleSet::none(policy.rules.scheme());
    let mut settings = policy.settings.clone();
    settings.websocket = WebSocketPolicy::Strip;
    Policy { rules: Arc::new(rules), scanners: Vec::new(), settings, ..policy.clone() }
}

fn settings(config: &Config, run: u64) -> Settings {
    let mut settings = Settings::default();
    settings.pseudonym = format!("gateway-{run:016x}");
    settings.organisation = config.page.organisation.clone();
    settings.contact = config.page.contact.clone();
    settings.connect_ports = config.connect_ports.clone();
    settings.unknown_protocol = match config.unknown_protocol {
        config::UnknownProtocol::Refuse => gateway_proxy::UnknownProtocol::Refuse,
        config::UnknownProtocol::Relay => gateway_proxy::UnknownProtocol::Relay,
    };
    settings.websocket = match config.websocket {
        config::WebSocket::Inspect => WebSocketPolicy::Inspect,
        config::WebSocket::Rewrite => WebSocketPolicy::Rewrite(match config.websocket_refused {
            config::RefusedMessage::Close => gateway_proxy::RefusedMessage::Close,
            config::RefusedMessage::Drop => gateway_proxy::RefusedMessage::Drop,
            config::RefusedMessage::Replace => gateway_proxy::RefusedMessage::Replace,
        }),
        config::WebSocket::Relay => WebSocketPolicy::Relay,
        config::WebSocket::Strip => WebSocketPolicy::Strip,
    };
    let strictness = &mut settings.strictness;
    (strictness.client, strictness.origin) = config.http1.checks();
    settings.http2 = Http2Policy {
        client: config.http2.client,
        origin: match config.http2.origin {
            config::OriginHttp2::Match => OriginHttp2::Match,
            config::OriginHttp2::Always => OriginHttp2::Always,
            config::OriginHttp2::Never => OriginHttp2::Never,
        },
    };
    settings.quic = match config.udp.quic {
        config::Quic::Refuse => gateway_proxy::QuicPolicy::Refuse,
        config::Quic::Relay => gateway_proxy::QuicPolicy::Relay,
    };
    settings.connect_udp = match config.udp.connect_udp {
        true => ConnectUdpPolicy::Relay,
        false => ConnectUdpPolicy::Refuse,
    };
    settings.socks = match config.socks.offer {
        config::SocksOffer::Nothing => gateway_proxy::SocksOffer::Nothing,
        config::SocksOffer::Tcp => gateway_proxy::SocksOffer::Tcp,
        config::SocksOffer::TcpAndUdp => gateway_proxy::SocksOffer::TcpAndUdp,
    };
    settings.timeouts = timeouts(&config.timeouts);
    settings.timeouts.first_datagrams = Duration::from_millis(config.udp.first_datagrams_ms);
    settings.timeouts.flow_idle = Duration::from_millis(config.udp.flow_idle_ms);
    settings.timeouts.drain_idle = Duration::from_millis(config.udp.drain_idle_ms);
    let limits = &mut settings.limits;
    limits.origins_max = config.limits.origin_connections_max;
    limits.h1.head_bytes_max = config.limits.head_bytes_max;
    limits.h1.fields_max = config.limits.head_fields_max;
    limits.h2.streams_max = config.http2.streams_max;
    limits.h2.fields_max = config.limits.head_fields_max;
    limits.h2.header_list_bytes_max =
        u32::try_from(config.limits.head_bytes_max).unwrap_or(u32::MAX);
    limits.inspect = config.inspect_limits();
    limits.content = config.content_limits();
    limits.websocket.hold_bytes_max = config.limits.websocket_hold_bytes_max;
    limits.association.peers_max = config.udp.peers_max;
    limits.association.held_bytes_max = config.udp.held_bytes_max;
    limits.association.datagram_bytes_max = config.udp.datagram_bytes_max;
    limits.association.relayed_peers_max = config.udp.relayed_peers_max;
    settings
}

fn timeouts(config: &config::Timeouts) -> Timeouts {
    let ms = Duration::from_millis;
    let mut timeouts = Timeouts::default();
    timeouts.head = ms(config.head_ms);
    timeouts.client_hello = ms(config.client_hello_ms);
    timeouts.client_tls = ms(config.tls_handshake_ms);
    timeouts.dial = ms(config.connect_ms + config.tls_handshake_ms);
    timeouts.response_head = ms(config.response_head_ms);
    timeouts.origin_turn = ms(config.origin_turn_ms);
    timeouts.body_idle = ms(config.body_idle_ms);
    timeouts.stall = ms(config.stall_ms);
    timeouts.half_closed = ms(config.half_closed_ms);
    timeouts.body_rate_after = ms(config.body_rate_grace_ms);
    timeouts.body_rate_min = config.body_rate_min;
    timeouts.keep_alive = ms(config.keep_alive_idle_ms);
    timeouts.tunnel_idle = ms(config.tunnel_idle_ms);
    timeouts.websocket_close = ms(config.websocket_close_ms);
    timeouts
}
