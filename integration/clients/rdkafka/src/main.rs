//! rdkafka: librdkafka with Rust around it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Display;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use futures::executor::block_on;
use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::{ClientContext, DefaultClientContext};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, DefaultConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

type Failure = Box<dyn Error>;
type Admin = AdminClient<DefaultClientContext>;

const WAIT: Duration = Duration::from_secs(30);
const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];

fn step<T: Display>(step: &str, body: impl FnOnce() -> Result<T, Failure>) {
    match body() {
        Ok(result) => println!("{step}: {result}"),
        Err(error) => println!("{step}: failed: {error}"),
    }
}

fn until(what: &str, mut holds: impl FnMut() -> Result<bool, Failure>) -> Result<(), Failure> {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds()? {
        if Instant::now() > end {
            return Err(format!("never: {what}").into());
        }
    }
    Ok(())
}

#[derive(Clone)]
struct Words {
    bootstrap: String,
    name: String,
}

#[derive(Clone, Default)]
struct Record {
    key: Option<String>,
    value: Option<String>,
    partition: Option<i32>,
    headers: Vec<(String, String)>,
}

fn numbered(prefix: &str, count: usize) -> Vec<Record> {
    let texts = (0..count).map(|at| format!("{prefix}-{at}"));
    texts.map(|text| Record { key: Some(text.clone()), value: Some(text), ..Record::default() }).collect()
}

fn read_record(message: &BorrowedMessage) -> Record {
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let pairs = message.headers().map(|all| all.iter().map(|each| (each.key.to_string(), text(each.value).unwrap_or_default())).collect());
    Record { key: text(message.key()), value: text(message.payload()), partition: None, headers: pairs.unwrap_or_default() }
}

fn deliver(producer: &FutureProducer, topic: &str, records: &[Record]) -> Result<(), KafkaError> {
    let mut sent = Vec::new();
    for record in records {
        let mut to = FutureRecord::<str, str>::to(topic);
        to.key = record.key.as_deref();
        to.payload = record.value.as_deref();
        to.partition = record.partition;
        let add = |all: OwnedHeaders, (key, value): &(String, String)| all.insert(Header { key, value: Some(value) });
        to.headers = (!record.headers.is_empty()).then(|| record.headers.iter().fold(OwnedHeaders::new(), add));
        sent.push(producer.send_result(to).map_err(|(error, _)| error)?);
    }
    for delivery in sent {
        block_on(delivery).map_err(|_| KafkaError::Canceled)?.map_err(|(error, _)| error)?;
    }
    Ok(())
}

/// Counts what it is assigned, and how often.
#[derive(Default)]
struct Assigned {
    partitions: AtomicUsize,
    rebalances: AtomicUsize,
}

impl ClientContext for Assigned {}
impl ConsumerContext for Assigned {
    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(list) => {
                self.partitions.store(list.count(), SeqCst);
                self.rebalances.fetch_add(1, SeqCst);
            }
            _ => self.partitions.store(0, SeqCst),
        }
    }
}

type Member = BaseConsumer<Assigned>;

impl Words {
    fn config(&self, more: &[(&str, &str)]) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap).set("log_level", "0");
        for (key, value) in more {
            config.set(*key, *value);
        }
        config
    }

    fn topic(&self, suffix: &str) -> String {
        format!("{}-{suffix}", self.name)
    }

    fn send(&self, topic: &str, records: &[Record], more: &[(&str, &str)]) -> Result<(), KafkaError> {
        let producer: FutureProducer = self.config(more).create()?;
        deliver(&producer, topic, records)
    }

    fn join(&self, group: &str, topic: &str, more: &[(&str, &str)]) -> Result<Member, Failure> {
        let mut config = self.config(&[("group.id", group), ("auto.offset.reset", "earliest"), ("enable.auto.commit", "false")]);
        for (key, value) in more {
            config.set(*key, *value);
        }
        let member: Member = config.create_with_context(Assigned::default())?;
        member.subscribe(&[topic])?;
        Ok(member)
    }

    /// Reads until `count` have come and then a little longer, so that one too many would show.
    fn consume(&self, group: &str, topic: &str, count: usize, more: &[(&str, &str)]) -> Result<Vec<Record>, Failure> {
        let member = self.join(group, topic, more)?;
        let (mut read, mut quiet) = (Vec::new(), 0);
        until("all are read", || {
            match poll(&member)? {
                Some(record) => read.push(record),
                None if read.len() >= count && partitions_of(&member) > 0 => quiet += 1,
                None => {}
            }
            Ok(quiet == 10)
        })?;
        Ok(read)
    }

    fn transactional(&self, id: &str) -> Result<FutureProducer, KafkaError> {
        let producer: FutureProducer = self.config(&[("transactional.id", &self.topic(id))]).create()?;
        producer.init_transactions(WAIT)?;
        Ok(producer)
    }

    /// The value of the first record of NAME-time from where it is told to begin.
    fn read_time(&self, reset: &str, from: impl FnOnce(&BaseConsumer) -> Result<Offset, Failure>) -> Result<String, Failure> {
        let group = self.topic("time");
        let consumer: BaseConsumer = self.config(&[("group.id", &group), ("auto.offset.reset", reset)]).create()?;
        let offset = from(&consumer)?;
        consumer.assign(&self.time(offset)?)?;
        let message = consumer.poll(WAIT).ok_or("nothing came")??;
        Ok(read_record(&message).value.unwrap_or_default())
    }

    fn time(&self, offset: Offset) -> Result<TopicPartitionList, KafkaError> {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.topic("time"), 0, offset)?;
        Ok(list)
    }
}

fn partitions_of(member: &Member) -> usize {
    member.context().partitions.load(SeqCst)
}

/// One record, which is committed at once.
fn poll(member: &Member) -> Result<Option<Record>, Failure> {
    let Some(message) = member.poll(Duration::from_millis(50)) else { return Ok(None) };
    let message = message?;
    member.commit_message(&message, CommitMode::Sync)?;
    Ok(Some(read_record(&message)))
}

fn produce_and_read(words: &Words) -> Result<(), Failure> {
    for codec in CODECS {
        words.send(&words.name, &numbered(codec, 20), &[("compression.type", codec), ("linger.ms", "20")])?;
    }
    let some = |text: &str| Some(text.to_string());
    let pairs = vec![("a".into(), "1".into()), ("b".into(), "2".into())];
    let special = [
        Record { value: some("null key"), ..Record::default() },
        Record { key: some("null value"), ..Record::default() },
        Record { key: some("large"), value: Some("x".repeat(900_000)), ..Record::default() },
        Record { key: some("headers"), value: some("v"), headers: pairs, partition: None },
    ];
    words.send(&words.name, &special, &[])?;
    let all = words.consume(&words.name, &words.name, 104, &[])?;
    for codec in CODECS {
        let is_of = |each: &&Record| each.key == each.value && each.key.as_ref().is_some_and(|key| key.starts_with(codec));
        println!("{codec}: {} read back", all.iter().filter(is_of).count());
    }
    for each in &all {
        match (each.key.as_deref(), each.value.as_deref()) {
            (None, Some("null key")) => println!("null key: read back"),
            (Some("null value"), None) => println!("null value: read back"),
            (Some("large"), Some(value)) => println!("large value: {} bytes", value.matches('x').count()),
            (Some("headers"), _) => {
                let pairs: Vec<String> = each.headers.iter().map(|(key, value)| format!("{key}={value}")).collect();
                println!("headers: {}", pairs.join(" "));
            }
            _ => {}
        }
    }
    step("resume", || {
        words.send(&words.name, &numbered("more", 5), &[])?;
        Ok(format!("{} read", words.consume(&words.name, &words.name, 5, &[])?.len()))
    });
    Ok(())
}

fn poll_all(members: &[Member], counts: &mut BTreeMap<String, usize>) -> Result<(), Failure> {
    for member in members {
        if let Some(record) = poll(member)? {
            *counts.entry(record.value.unwrap_or_default()).or_default() += 1;
        }
    }
    Ok(())
}

fn shared(members: &[Member]) -> bool {
    members.iter().all(|each| partitions_of(each) > 0) && members.iter().map(partitions_of).sum::<usize>() == 3
}

fn group(words: &Words) -> Result<(), Failure> {
    let topic = words.topic("three");
    let mut counts = BTreeMap::new();
    let mut members = vec![words.join(&topic, &topic, &[])?, words.join(&topic, &topic, &[])?, words.join(&topic, &topic, &[])?];
    for (name, prefix) in [("group of three", "first"), ("two after one left", "second")] {
        step(name, || {
            until("the members share the partitions", || {
                poll_all(&members, &mut counts)?;
                Ok(shared(&members))
            })?;
            let records: Vec<Record> = numbered(prefix, 30).into_iter().zip(0..).map(|(each, at)| Record { partition: Some(at % 3), ..each }).collect();
            words.send(&topic, &records, &[])?;
            until("all are read", || {
                poll_all(&members, &mut counts)?;
                Ok(counts.keys().filter(|value| value.starts_with(prefix)).count() == 30)
            })?;
            Ok(if counts.values().all(|count| *count == 1) { "30 once each" } else { "some twice" })
        });
        members.pop();
    }
    Ok(())
}

/// Closing a static member sends no LeaveGroup: when it is back in time, the other member has seen nothing. (KIP-345)
fn static_member(words: &Words) -> Result<&'static str, Failure> {
    let (group, topic, one) = (words.topic("static"), words.topic("three"), [("group.instance.id", "the-one")]);
    let mut members = vec![words.join(&group, &topic, &[])?, words.join(&group, &topic, &one)?];
    let wait = |members: &[Member]| {
        until("both have partitions", || {
            poll_all(members, &mut BTreeMap::new())?;
            Ok(shared(members))
        })
    };
    wait(&members)?;
    let before = members[0].context().rebalances.load(SeqCst);
    members.pop();
    members.push(words.join(&group, &topic, &one)?);
    wait(&members)?;
    Ok(if members[0].context().rebalances.load(SeqCst) == before { "back without a rebalance" } else { "rebalanced" })
}

fn transactions(words: &Words) -> Result<(), Failure> {
    let topic = words.topic("txn");
    let producer = words.transactional("id")?;
    for prefix in ["yes", "no"] {
        producer.begin_transaction()?;
        deliver(&producer, &topic, &numbered(prefix, 5))?;
        if prefix == "yes" { producer.commit_transaction(WAIT)? } else { producer.abort_transaction(WAIT)? }
    }
    let clean = words.consume(&words.topic("clean"), &topic, 5, &[])?;
    let of = |prefix: &str| clean.iter().filter(|each| each.key.as_ref().is_some_and(|key| key.starts_with(prefix))).count();
    println!("transaction committed: {} read", of("yes"));
    println!("transaction aborted: {} read", of("no"));
    let dirty = words.consume(&words.topic("dirty"), &topic, 10, &[("isolation.level", "read_uncommitted")])?;
    println!("read uncommitted: {} read", dirty.len());
    step("transaction offsets", || {
        let group = words.topic("offsets");
        let consumer: BaseConsumer<DefaultConsumerContext> = words.config(&[("group.id", &group)]).create()?;
        let producer = words.transactional("offsets")?;
        producer.begin_transaction()?;
        let metadata = consumer.group_metadata().ok_or("no group metadata")?;
        producer.send_offsets_to_transaction(&words.time(Offset::Offset(7))?, &metadata, WAIT)?;
        producer.commit_transaction(WAIT)?;
        let committed = consumer.committed_offsets(words.time(Offset::Invalid)?, WAIT)?;
        Ok(format!("committed {}", committed.elements()[0].offset().to_raw().unwrap_or(-1)))
    });
    step("transaction fenced", || {
        let old = words.transactional("fenced")?;
        old.begin_transaction()?;
        deliver(&old, &words.topic("three"), &[Record { value: Some("old".into()), ..Record::default() }])?;
        drop(words.transactional("fenced")?);
        match old.commit_transaction(WAIT) {
            Err(KafkaError::Transaction(error)) if error.is_fatal() => Ok("refused".to_string()),
            other => Ok(format!("{other:?}")),
        }
    });
    Ok(())
}

fn code_of(error: RDKafkaErrorCode) -> i32 {
    error as i32
}

fn created(admin: &Admin, topic: &str, partitions: i32) -> Result<i32, Failure> {
    let topics = [NewTopic::new(topic, partitions, TopicReplication::Fixed(1))];
    let made = block_on(admin.create_topics(&topics, &AdminOptions::new()))?;
    Ok(made[0].as_ref().err().map_or(0, |(_, error)| code_of(*error)))
}

fn deleted(admin: &Admin, topic: &str) -> Result<i32, Failure> {
    let gone = block_on(admin.delete_topics(&[topic], &AdminOptions::new()))?;
    Ok(gone[0].as_ref().err().map_or(0, |(_, error)| code_of(*error)))
}

fn group_deleted(admin: &Admin, group: &str) -> Result<i32, Failure> {
    let gone = block_on(admin.delete_groups(&[group], &AdminOptions::new()))?;
    Ok(gone[0].as_ref().err().map_or(0, |(_, error)| code_of(*error)))
}

/// Zero where there is no such topic.
fn partitions(admin: &Admin, topic: &str) -> Result<usize, Failure> {
    let metadata = admin.inner().fetch_metadata(None, WAIT)?;
    Ok(metadata.topics().iter().find(|each| each.name() == topic).map_or(0, |each| each.partitions().len()))
}

fn admin_steps(words: &Words, admin: &Admin) {
    let options = AdminOptions::new();
    step("admin partitions", || {
        block_on(admin.create_partitions(&[NewPartitions::new(&words.name, 5)], &options))?;
        until("there are more", || Ok(partitions(admin, &words.name)? == 5))?;
        Ok(5)
    });
    step("admin config", || {
        let specifier = ResourceSpecifier::Topic(&words.name);
        block_on(admin.alter_configs(&[AlterConfig::new(specifier).set("retention.ms", "60000")], &options))?;
        until("the value has changed", || {
            let described = block_on(admin.describe_configs(&[specifier], &options))?;
            let resource = described[0].as_ref().map_err(|error| error.to_string())?;
            Ok(resource.get("retention.ms").and_then(|entry| entry.value.as_deref()) == Some("60000"))
        })?;
        Ok(60000)
    });
    step("admin group", || {
        let groups = admin.inner().fetch_group_list(Some(&words.name), WAIT)?;
        Ok(groups.groups().first().map_or("not listed".to_string(), |group| group.state().to_string()))
    });
    step("admin delete records", || {
        let list = block_on(admin.delete_records(&words.time(Offset::Offset(5))?, &options))?;
        Ok(format!("begins at {}", list.elements()[0].offset().to_raw().unwrap_or(-1)))
    });
    step("admin delete group", || Ok(if group_deleted(admin, &words.name)? == 0 { "deleted" } else { "refused" }));
    step("admin delete topic", || {
        let topic = words.topic("gone");
        created(admin, &topic, 1)?;
        deleted(admin, &topic)?;
        until("it is not listed", || Ok(partitions(admin, &topic)? == 0))?;
        Ok("deleted")
    });
    step("error topic exists", || created(admin, &words.name, 1));
    step("error unknown topic", || deleted(admin, &words.topic("nothing")));
    step("error unknown group", || group_deleted(admin, &words.topic("nobody")));
    step("error invalid topic", || created(admin, "bad name", 1));
}

fn main() -> Result<(), Failure> {
    let given: Vec<String> = std::env::args().collect();
    let [_, bootstrap, name] = given.as_slice() else { return Err("BOOTSTRAP NAME".into()) };
    let words = Words { bootstrap: bootstrap.clone(), name: name.clone() };
    let admin: Admin = words.config(&[]).create()?;
    step("create topic", || {
        created(&admin, &words.name, 3)?;
        until("it is known", || Ok(partitions(&admin, &words.name)? == 3))?;
        Ok("3 partitions")
    });
    produce_and_read(&words)?;
    group(&words)?;
    step("static member", || static_member(&words));
    step("seek by time", || {
        let value = words.read_time("earliest", |consumer| {
            let found = consumer.offsets_for_times(words.time(Offset::Offset(1_700_000_010_000))?, WAIT)?;
            Ok(found.elements()[0].offset())
        })?;
        Ok(format!("offset {value}"))
    });
    step("compacted", || {
        let topic = words.topic("compacted");
        let read = words.consume(&topic, &topic, 40, &[])?.len();
        words.send(&topic, &numbered("behind", 1), &[])?;
        Ok(format!("{read} read, {} behind the gap", words.consume(&topic, &topic, 1, &[])?.len()))
    });
    transactions(&words)?;
    admin_steps(&words, &admin);
    step("error too large", || {
        let large = [Record { value: Some("x".repeat(2000)), ..Record::default() }];
        let met = words.send(&words.topic("small"), &large, &[]).err().and_then(|error| error.rdkafka_error_code());
        Ok(met.map_or(0, code_of))
    });
    step("error out of range", || {
        let met = words.read_time("error", |_| Ok(Offset::Offset(1_000_000))).err().ok_or("no error")?;
        let error: &KafkaError = met.downcast_ref().ok_or("another error")?;
        // librdkafka has a code of its own for this.
        Ok(if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AutoOffsetReset) { 1 } else { 0 })
    });
    Ok(())
}
