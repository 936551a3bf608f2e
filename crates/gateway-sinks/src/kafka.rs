//! Delivery to Kafka by librdkafka: idempotent, one message per record, the request as its key.
//!
//! A batch is delivered when the brokers have confirmed each message. What they have not confirmed
//! in time is taken back and delivered again, so that a message may stand twice in the topic: its
//! key tells.

use std::fs::File;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{
    BaseProducer, BaseRecord, NoCustomPartitioner, Producer, ProducerContext, PurgeConfig,
};
use rdkafka::types::RDKafkaErrorCode;

use crate::StartError;
use crate::delivery::{Failed, Parcel, Remote};
use crate::kafka_config::{KafkaCompression, KafkaConfig, KafkaMechanism, KafkaSasl};

/// A producer for one topic.
pub(crate) struct Kafka {
    settings: ClientConfig,
    topic: String,
    producer: BaseProducer<Reports>,
    batch: usize,
}

/// How long one look for reports takes.
const POLL: Duration = Duration::from_millis(5);

impl Kafka {
    /// A producer by `config`. Connects to nothing yet.
    ///
    /// # Errors
    ///
    /// [`StartError::Secret`], [`StartError::Settings`].
    pub(crate) fn open(config: &KafkaConfig) -> Result<Self, StartError> {
        let settings = settings(config)?;
        let producer = produce(&settings)
            .map_err(|error| StartError::Settings { sink: "kafka", message: error.to_string() })?;
        Ok(Self { settings, topic: config.topic.clone(), producer, batch: 0 })
    }

    /// Hands the batch to librdkafka; gives how many messages it took and how many it never will.
    fn send(&self, batch: &[Parcel], until: Instant) -> Result<(u64, u64), Failed> {
        let (mut sent, mut refused) = (0, 0);
        for parcel in batch {
            loop {
                let time_ms = i64::try_from(parcel.time_ns() / 1_000_000).unwrap_or(i64::MAX);
                let record = BaseRecord::with_opaque_to(&self.topic, self.batch)
                    .key(parcel.key())
                    .payload(parcel.json())
                    .timestamp(time_ms);
                match self.producer.send(record).map_err(|(error, _)| error) {
                    Ok(()) => sent += 1,
                    Err(error) if is(&error, RDKafkaErrorCode::QueueFull) => {
                        if Instant::now() >= until {
                            return Err(Failed(error.to_string()));
                        }
                        self.producer.poll(POLL);
                        continue;
                    }
                    Err(error) if is(&error, RDKafkaErrorCode::MessageSizeTooLarge) => refused += 1,
                    Err(error) => return Err(Failed(error.to_string())),
                }
                break;
            }
        }
        Ok((sent, refused))
    }

    /// Takes back what is on its way, and begins anew if the producer is beyond use.
    fn take_back(&mut self) {
        self.producer.purge(PurgeConfig::default().queue().inflight());
        self.producer.poll(POLL);
        if self.producer.client().fatal_error().is_some()
            && let Ok(producer) = produce(&self.settings)
        {
            self.producer = producer;
        }
    }
}

impl Remote for Kafka {
    fn gather(&self) -> Duration {
        Duration::ZERO
    }

    fn deliver(&mut self, batch: &[Parcel], timeout: Duration) -> Result<u64, Failed> {
        let until = Instant::now() + timeout;
        self.batch = self.batch.wrapping_add(1);
        self.producer.context().begin(self.batch);
        let result = self.send(batch, until).and_then(|(sent, refused)| {
            loop {
                let report = self.producer.context().report();
                if let Some(failure) = report.failure {
                    return Err(failure);
                }
                if report.delivered + report.refused >= sent {
                    return Ok(refused + report.refused);
                }
                if Instant::now() >= until {
                    return Err(Failed("the brokers do not confirm in time".into()));
                }
                self.producer.poll(POLL);
            }
        });
        if result.is_err() {
            self.take_back();
        }
        result
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        // Nothing is on its way that the backlog does not know of.
        self.producer.purge(PurgeConfig::default().queue().inflight());
    }
}

fn is(error: &KafkaError, code: RDKafkaErrorCode) -> bool {
    error.rdkafka_error_code() == Some(code)
}

fn produce(settings: &ClientConfig) -> Result<BaseProducer<Reports>, KafkaError> {
    BaseProducer::from_config_and_context(settings, Reports::default())
}

/// What librdkafka is told.
fn settings(config: &KafkaConfig) -> Result<ClientConfig, StartError> {
    let mut settings = ClientConfig::new();
    let compression = match config.compression {
        KafkaCompression::Lz4 => "lz4",
        KafkaCompression::Snappy => "snappy",
        KafkaCompression::None => "none",
    };
    let timeout_ms = config.timeout.as_millis().clamp(1_000, 300_000).to_string();
    settings
        .set("bootstrap.servers", config.brokers.join(","))
        .set("client.id", "gateway-proxy")
        .set("enable.idempotence", "true")
        .set("compression.type", compression)
        .set("linger.ms", "5")
        .set("message.timeout.ms", timeout_ms)
        .set("reconnect.backoff.max.ms", "2000")
        .set("retry.backoff.max.ms", "1000");
    let protocol = match (&config.tls, &config.sasl) {
        (None, None) => "plaintext",
        (Some(_), None) => "ssl",
        (None, Some(_)) => "sasl_plaintext",
        (Some(_), Some(_)) => "sasl_ssl",
    };
    settings.set("security.protocol", protocol);
    if let Some(tls) = &config.tls {
        for (name, path) in [
            ("ssl.ca.location", &tls.ca),
            ("ssl.certificate.location", &tls.certificate),
            ("ssl.key.location", &tls.key),
        ] {
            if let Some(path) = path {
                // What librdkafka says of a file that cannot be read does not name it.
                File::open(path)
                    .map_err(|source| StartError::Open { path: path.clone(), source })?;
                settings.set(name, path.display().to_string());
            }
        }
    }
    if let Some(KafkaSasl { mechanism, user, password }) = &config.sasl {
        let mechanism = match mechanism {
            KafkaMechanism::Plain => "PLAIN",
            KafkaMechanism::ScramSha256 => "SCRAM-SHA-256",
            KafkaMechanism::ScramSha512 => "SCRAM-SHA-512",
        };
        settings
            .set("sasl.mechanisms", mechanism)
            .set("sasl.username", user)
            .set("sasl.password", password.read()?.reveal());
    }
    Ok(settings)
}

/// What the brokers said of the messages of the batch in delivery. Reports of an earlier batch,
/// which was taken back, do not count.
#[derive(Default)]
struct Reports(Mutex<Report>);

#[derive(Default)]
struct Report {
    batch: usize,
    delivered: u64,
    refused: u64,
    failure: Option<Failed>,
}

impl Reports {
    fn begin(&self, batch: usize) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Report { batch, ..Report::default() };
    }

    fn report(&self) -> Report {
        let mut report = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Report { failure: report.failure.take(), ..*report }
    }
}

impl ClientContext for Reports {}

impl ProducerContext<NoCustomPartitioner> for Reports {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, batch: usize) {
        let mut report = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if report.batch != batch {
            return;
        }
        match result {
            Ok(_) => report.delivered += 1,
            Err((error, _)) if is(error, RDKafkaErrorCode::MessageSizeTooLarge) => {
                report.refused += 1;
            }
            Err((error, message)) => {
                let topic = message.topic();
                report.failure = Some(Failed(format!("topic {topic}: {error}")));
            }
        }
    }
}
