//! rskafka: partitions without groups and without transactions.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::future::Future;

use chrono::{DateTime, Utc};
use rskafka::client::error::{Error, ProtocolError};
use rskafka::client::partition::{Compression, OffsetAt, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder};
use rskafka::record::{Record, RecordAndOffset};

type Failure = Box<dyn std::error::Error>;

const WAIT_MS: i32 = 5_000;

async fn step<T: Display>(step: &str, body: impl Future<Output = Result<T, Failure>>) {
    match body.await {
        Ok(result) => println!("{step}: {result}"),
        Err(error) => println!("{step}: failed: {error}"),
    }
}

fn number_of(error: ProtocolError) -> Result<i16, Failure> {
    (1..200).find(|number| ProtocolError::new(*number) == Some(error)).ok_or_else(|| error.to_string().into())
}

/// The code of the error that the call is to meet.
fn code<T>(result: Result<T, Error>) -> Result<String, Failure> {
    match result {
        Ok(_) => Ok("no error".into()),
        Err(Error::ServerError { protocol_error, .. }) => Ok(number_of(protocol_error)?.to_string()),
        Err(error) => Err(error.into()),
    }
}

fn record(key: Option<&str>, value: Option<&str>) -> Record {
    let bytes = |text: &str| text.as_bytes().to_vec();
    Record { key: key.map(bytes), value: value.map(bytes), headers: BTreeMap::new(), timestamp: DateTime::<Utc>::from(std::time::SystemTime::now()) }
}

fn numbered(prefix: &str, count: usize) -> Vec<Record> {
    let texts = (0..count).map(|at| format!("{prefix}-{at}"));
    texts.map(|text| record(Some(&text), Some(&text))).collect()
}

fn codecs() -> Vec<(&'static str, Compression)> {
    use Compression::*;
    vec![("none", NoCompression), ("gzip", Gzip), ("snappy", Snappy), ("lz4", Lz4), ("zstd", Zstd)]
}

async fn partition(client: &Client, topic: &str, partition: i32) -> Result<PartitionClient, Error> {
    client.partition_client(topic, partition, UnknownTopicHandling::Retry).await
}

/// All records from `offset` to the end of the partition.
async fn read(partition: &PartitionClient, mut offset: i64) -> Result<Vec<RecordAndOffset>, Error> {
    let mut records = Vec::new();
    while offset < partition.get_offset(OffsetAt::Latest).await? {
        let (some, _) = partition.fetch_records(offset, 1..5_000_000, WAIT_MS).await?;
        offset = some.last().map_or(offset, |last| last.offset + 1);
        records.extend(some);
    }
    Ok(records)
}

async fn produce_and_read(client: &Client, name: &str) -> Result<(), Failure> {
    let first = partition(client, name, 0).await?;
    for (codec, compression) in codecs() {
        first.produce(numbered(codec, 20), compression).await?;
    }
    let mut headers = record(Some("headers"), Some("v"));
    headers.headers = BTreeMap::from([("a".into(), b"1".to_vec()), ("b".into(), b"2".to_vec())]);
    let large = record(Some("large"), Some(&"x".repeat(900_000)));
    let special = vec![record(None, Some("null key")), record(Some("null value"), None), large, headers];
    first.produce(special, Compression::NoCompression).await?;
    let all: Vec<Record> = read(&first, 0).await?.into_iter().map(|each| each.record).collect();
    for (codec, _) in codecs() {
        let is_of = |each: &&Record| each.key == each.value && each.key.as_ref().is_some_and(|key| key.starts_with(codec.as_bytes()));
        println!("{codec}: {} read back", all.iter().filter(is_of).count());
    }
    let with_key = |key: &str| all.iter().find(|each| each.key.as_deref() == Some(key.as_bytes()));
    if all.iter().any(|each| each.key.is_none() && each.value.as_deref() == Some(b"null key")) {
        println!("null key: read back");
    }
    if with_key("null value").is_some_and(|each| each.value.is_none()) {
        println!("null value: read back");
    }
    if let Some(value) = with_key("large").and_then(|each| each.value.as_ref()) {
        println!("large value: {} bytes", value.iter().filter(|byte| **byte == b'x').count());
    }
    if let Some(each) = with_key("headers") {
        let pairs: Vec<String> = each.headers.iter().map(|(key, value)| format!("{key}={}", String::from_utf8_lossy(value))).collect();
        println!("headers: {}", pairs.join(" "));
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().collect();
    let [_, bootstrap, name] = words.as_slice() else { return Err("BOOTSTRAP NAME".into()) };
    let client = ClientBuilder::new(vec![bootstrap.clone()]).build().await?;
    let controller = client.controller_client()?;
    step("create topic", async {
        controller.create_topic(name.as_str(), 3, 1, WAIT_MS).await?;
        for each in 0..3 {
            partition(&client, name, each).await?;
        }
        let topics = client.list_topics().await?;
        let count = topics.iter().find(|topic| topic.name == *name).map_or(0, |topic| topic.partitions.len());
        Ok(format!("{count} partitions"))
    })
    .await;
    produce_and_read(&client, name).await?;
    let time = partition(&client, &format!("{name}-time"), 0).await?;
    step("seek by time", async {
        let at = DateTime::from_timestamp_millis(1_700_000_010_000).ok_or("no such time")?;
        let offset = time.get_offset(OffsetAt::Timestamp(at)).await?;
        let (records, _) = time.fetch_records(offset, 1..1_000, WAIT_MS).await?;
        let first = records.iter().find(|each| each.offset >= offset).ok_or("no record")?;
        Ok(format!("offset {}", String::from_utf8_lossy(first.record.value.as_deref().unwrap_or_default())))
    })
    .await;
    step("admin delete records", async {
        time.delete_records(5, WAIT_MS).await?;
        Ok(format!("begins at {}", time.get_offset(OffsetAt::Earliest).await?))
    })
    .await;
    step("admin delete topic", async {
        let topic = format!("{name}-gone");
        controller.create_topic(topic.as_str(), 1, 1, WAIT_MS).await?;
        controller.delete_topic(topic.as_str(), WAIT_MS).await?;
        while client.list_topics().await?.iter().any(|each| each.name == topic) {}
        Ok("deleted")
    })
    .await;
    step("error topic exists", async { code(controller.create_topic(name.as_str(), 1, 1, WAIT_MS).await) }).await;
    step("error unknown topic", async { code(controller.delete_topic(format!("{name}-nothing"), WAIT_MS).await) }).await;
    step("error invalid topic", async { code(controller.create_topic("bad name", 1, 1, WAIT_MS).await) }).await;
    step("error too large", async {
        let small = partition(&client, &format!("{name}-small"), 0).await?;
        code(small.produce(vec![record(None, Some(&"x".repeat(2000)))], Compression::NoCompression).await)
    })
    .await;
    step("error out of range", async { code(time.fetch_records(1_000_000, 1..1_000, WAIT_MS).await) }).await;
    Ok(())
}
