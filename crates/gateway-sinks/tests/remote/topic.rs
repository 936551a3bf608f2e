//! A topic as a consumer sees it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use gateway_sinks::Sinks;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::feed::record;

pub(crate) const TOPIC: &str = "gateway-records";

/// Submits the records `0..count`, not quite at once.
pub(crate) fn send(sinks: &Sinks, count: u32) {
    for number in 0..count {
        sinks.submit(record(number));
        if number % 1_000 == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// How often each of the keys `0..count` stands in the topic, once all of them do.
pub(crate) fn consume(brokers: &str, partitions: i32, count: u32) -> HashMap<String, u32> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", "test")
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        list.add_partition_offset(TOPIC, partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&list).unwrap();
    let mut seen = HashMap::new();
    let start = Instant::now();
    while seen.len() < usize::try_from(count).unwrap() {
        assert!(start.elapsed() < Duration::from_secs(120), "{} of {count}", seen.len());
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        let message = message.unwrap();
        let key = String::from_utf8(message.key().unwrap().to_vec()).unwrap();
        let json: serde_json::Value = serde_json::from_slice(message.payload().unwrap()).unwrap();
        assert_eq!(json["RequestID"], key.as_str());
        *seen.entry(key).or_insert(0) += 1;
    }
    seen
}
