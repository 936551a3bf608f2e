//! Kafka, played by librdkafka's mock cluster: a real wire protocol over loopback, which can be
//! told to answer with errors and to refuse connections.

use std::collections::HashMap;
use std::io::Read;
use std::time::Duration;

use gateway_sinks::{
    Config, KafkaCompression, KafkaConfig, KafkaMechanism, KafkaSasl, KafkaTls, SecretSource,
    Sinks, StartError,
};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use crate::feed::{config, record, status, until};
use crate::outage::Outage;
use crate::scratch::Scratch;
use crate::topic::{TOPIC, consume, send};

/// A partition of the mock cluster keeps 5 MB: many of them keep all that a test sends.
const PARTITIONS: i32 = 64;
const BROKER: i32 = 1;

struct Cluster(MockCluster<'static, DefaultProducerContext>);

impl Cluster {
    fn start() -> Self {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, PARTITIONS, 1).unwrap();
        Self(cluster)
    }

    fn config(&self, scratch: &Scratch) -> Config {
        let mut config = config(scratch.path());
        let mut kafka = KafkaConfig::new(vec![self.0.bootstrap_servers()]);
        kafka.timeout = Duration::from_secs(2);
        config.kafka = Some(kafka);
        config
    }

    fn consume(&self, count: u32) -> HashMap<String, u32> {
        consume(&self.0.bootstrap_servers(), PARTITIONS, count)
    }
}

#[test]
fn answers_with_errors_lose_nothing() {
    use RDKafkaRespErr::{
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
    };
    for compression in [KafkaCompression::Lz4, KafkaCompression::Snappy, KafkaCompression::None] {
        let (scratch, cluster) = (Scratch::new(), Cluster::start());
        let mut config = cluster.config(&scratch);
        config.kafka.as_mut().unwrap().compression = compression;
        let sinks = Sinks::start(&config).unwrap();
        let errors = [
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
            RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        ];
        cluster.0.request_errors(RDKafkaApiKey::Produce, &errors);
        send(&sinks, 10_000);
        until(&sinks, |status| status.written == 10_000);
        assert_eq!(status(&sinks).dropped, 0);
        assert_eq!(sinks.close(), 0);
        assert_eq!(cluster.consume(10_000).len(), 10_000);
    }
}

#[test]
fn an_error_that_stays_sends_records_to_the_spool_and_back() {
    let (scratch, cluster) = (Scratch::new(), Cluster::start());
    cluster
        .0
        .topic_error(TOPIC, RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        .unwrap();
    let sinks = Sinks::start(&cluster.config(&scratch)).unwrap();
    send(&sinks, 3_000);
    until(&sinks, |status| status.spooled == 3_000);
    let error = status(&sinks).last_error.unwrap();
    assert!(!error.message.is_empty() && !error.is_over, "{error:?}");
    assert_eq!(sinks.close(), 0, "what lies in the spool is not lost");
    cluster.0.topic_error(TOPIC, RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR).unwrap();
    let sinks = Sinks::start(&cluster.config(&scratch)).unwrap();
    until(&sinks, |status| status.written == 3_000 && status.spooled == 0);
    assert_eq!(sinks.close(), 0);
    assert_eq!(cluster.consume(3_000).len(), 3_000);
}

#[test]
fn an_outage_loses_nothing() {
    let (scratch, cluster) = (Scratch::new(), Cluster::start());
    let sinks = Sinks::start(&cluster.config(&scratch)).unwrap();
    let sent = Outage::new().run(
        "kafka",
        sinks,
        || cluster.0.broker_down(BROKER).unwrap(),
        || cluster.0.broker_up(BROKER).unwrap(),
    );
    let seen = cluster.consume(sent);
    let twice = seen.values().filter(|times| **times > 1).count();
    println!("kafka: {} keys in the topic, {twice} of them more than once", seen.len());
}

#[test]
fn tls_is_spoken() {
    let scratch = Scratch::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(scratch.path());
    let mut kafka = KafkaConfig::new(vec![listener.local_addr().unwrap().to_string()]);
    kafka.tls = Some(KafkaTls::default());
    config.kafka = Some(kafka);
    let sinks = Sinks::start(&config).unwrap();
    sinks.submit(record(0));
    let mut first = [0; 3];
    listener.accept().unwrap().0.read_exact(&mut first).unwrap();
    // A handshake record of TLS 1.0, as every ClientHello says (RFC 8446 section 5.1).
    assert_eq!(first, [22, 3, 1]);
    sinks.close();
}

#[test]
fn tls_and_sasl_are_built_in_and_secrets_stay_secret() {
    let scratch = Scratch::new();
    let password = scratch.path().join("password");
    std::fs::write(&password, "correct horse\n").unwrap();
    for mechanism in
        [KafkaMechanism::Plain, KafkaMechanism::ScramSha256, KafkaMechanism::ScramSha512]
    {
        let mut config = config(scratch.path());
        let mut kafka = KafkaConfig::new(vec!["127.0.0.1:1".into()]);
        kafka.tls = Some(KafkaTls::default());
        kafka.sasl = Some(KafkaSasl {
            mechanism,
            user: "gateway".into(),
            password: SecretSource::File(password.clone()),
        });
        config.kafka = Some(kafka);
        let sinks = Sinks::start(&config).unwrap();
        assert!(!format!("{config:?} {sinks:?}").contains("horse"));
        sinks.close();
        if let Some(tls) = config.kafka.as_mut().and_then(|kafka| kafka.tls.as_mut()) {
            tls.ca = Some(scratch.path().join("none.pem"));
        }
        let error = Sinks::start(&config).unwrap_err();
        assert!(matches!(error, StartError::Open { .. }), "{error}");
        assert!(error.to_string().contains("none.pem"), "{error}");
    }
}
