"""kafka-python; what came after 2.0.2 is asked for by `IS_NEW`."""

import collections
import logging
import sys
import threading
import time
import traceback

import kafka
import kafka.errors
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import KafkaError, OffsetOutOfRangeError

BOOTSTRAP, NAME = sys.argv[1:3]
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
IS_NEW = int(kafka.__version__.split(".")[0]) >= 3
logging.disable(logging.CRITICAL)


def step(name, body):
    try:
        result = body()
    except Exception as error:
        traceback.print_exc()
        result = f"failed: {error!r}"
    print(f"{name}: {result}", flush=True)


def until(what, holds):
    end = time.monotonic() + 60
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


def code(call):
    try:
        call()
        return "no error"
    except KafkaError as error:
        return error.errno


def send(topic, records, **config):
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all", linger_ms=20, max_request_size=2_000_000, **config)
    try:
        for ack in [producer.send(topic, **record) for record in records]:
            ack.get(30)
    finally:
        producer.close()


def numbered(prefix, count):
    return [{"key": f"{prefix}-{at}".encode(), "value": f"{prefix}-{at}".encode()} for at in range(count)]


def new_consumer(**config):
    return KafkaConsumer(bootstrap_servers=BOOTSTRAP, **{"auto_offset_reset": "earliest", "enable_auto_commit": False, **config})


class Member(kafka.ConsumerRebalanceListener):
    """A member of a group in a thread of its own; what it has read it has committed."""

    def __init__(self, group, topic, each, **config):
        self.partitions = set()
        self.rebalances = 0
        self.ends = False
        self.thread = threading.Thread(target=self.read, args=(group, topic, each, config))
        self.thread.start()

    def on_partitions_revoked(self, revoked):
        self.partitions = set()

    def on_partitions_assigned(self, assigned):
        self.partitions = set(assigned)
        self.rebalances += 1

    def read(self, group, topic, each, config):
        consumer = new_consumer(group_id=group, **config)
        # 3.0 may assign nothing to anybody for good where its metadata come after it has joined.
        consumer.partitions_for_topic(topic)
        consumer.subscribe([topic], listener=self)
        while not self.ends:
            batches = consumer.poll(200)
            if batches:
                consumer.commit()
            for records in batches.values():
                for record in records:
                    each(record)
        consumer.close()

    def stop(self):
        self.ends = True
        self.thread.join()


def consume(group, topic, count, each=lambda _: None, **config):
    """Reads until `count` have come and then a little longer, so that one too many would show."""
    read = []
    member = Member(group, topic, read.append, **config)
    try:
        until(f"{count} are read", lambda: len(read) >= count and member.partitions)
        time.sleep(0.5)
    except TimeoutError:
        raise TimeoutError(f"{len(read)} of {count} read with {member.partitions}")
    finally:
        member.stop()
    for record in read:
        each(record)
    return len(read)


def codecs():
    for codec in CODECS:
        send(NAME, numbered(codec, 20), compression_type=None if codec == "none" else codec)
    send(NAME, [
        {"key": None, "value": b"null key"},
        {"key": b"null value", "value": None},
        {"key": b"large", "value": b"x" * 900_000},
        {"key": b"headers", "value": b"v", "headers": [("a", b"1"), ("b", b"2")]},
    ])
    counts, seen = collections.Counter(), {}

    def look(record):
        if record.key is None:
            seen["null key"] = "read back" if record.value == b"null key" else record.value
        elif record.key == b"null value":
            seen["null value"] = "read back" if record.value is None else record.value
        elif record.key == b"large":
            seen["large value"] = f"{record.value.count(b'x')} bytes"
        elif record.key == b"headers":
            seen["headers"] = " ".join(f"{name}={text.decode()}" for name, text in record.headers)
        elif record.key == record.value:
            counts[record.key.decode().split("-")[0]] += 1

    consume(NAME, NAME, 104, look)
    for codec in CODECS:
        step(codec, lambda: f"{counts[codec]} read back")
    for which in ["headers", "null key", "null value", "large value"]:
        step(which, lambda: seen.get(which))


def shared(members):
    return all(member.partitions for member in members) and sum(len(member.partitions) for member in members) == 3


def group():
    topic, counts = f"{NAME}-three", collections.Counter()
    members = [Member(topic, topic, lambda record: counts.update([record.value.decode()])) for _ in range(3)]

    def spread(prefix):
        send(topic, [{**record, "partition": at % 3} for at, record in enumerate(numbered(prefix, 30))])
        until("all are read", lambda: len([text for text in list(counts) if text.startswith(prefix)]) == 30)
        return "30 once each" if set(counts.values()) == {1} else f"some twice: {counts}"

    def three():
        until("each has one partition", lambda: shared(members))
        return spread("first")

    def two():
        members.pop().stop()
        until("two share three partitions", lambda: shared(members))
        return spread("second")

    step("group of three", three)
    step("two after one left", two)
    for member in members:
        member.stop()


def static_member():
    """Closing a static member sends no LeaveGroup: when it is back in time, the other member has seen nothing. (KIP-345)"""
    topic, group_id = f"{NAME}-three", f"{NAME}-static"
    start = lambda **config: Member(group_id, topic, lambda _: None, session_timeout_ms=20_000, **config)
    other, first = start(), start(group_instance_id="the-one")
    until("both have partitions", lambda: shared([other, first]))
    before = other.rebalances
    first.stop()
    again = start(group_instance_id="the-one")
    until("it has partitions again", lambda: shared([other, again]))
    again.stop()
    other.stop()
    return "back without a rebalance" if other.rebalances == before else "rebalanced"


def seek_by_time():
    partition, consumer = TopicPartition(f"{NAME}-time", 0), new_consumer(group_id=f"{NAME}-time")
    consumer.assign([partition])
    found = consumer.offsets_for_times({partition: 1_700_000_010_000})[partition]
    consumer.seek(partition, found.offset)
    record = next(iter(consumer))
    consumer.close()
    return f"offset {record.value.decode()}" if record.offset == found.offset else f"{record.offset}, not {found.offset}"


def transactional(name):
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, transactional_id=f"{NAME}-{name}")
    producer.init_transactions()
    return producer


def transactions():
    topic, producer = f"{NAME}-txn", transactional("id")
    for prefix in ["yes", "no"]:
        producer.begin_transaction()
        for record in numbered(prefix, 5):
            producer.send(topic, **record).get(30)
        if prefix == "yes":
            producer.commit_transaction()
        else:
            producer.abort_transaction()
    producer.close()
    counts = collections.Counter()
    look = lambda record: counts.update([record.key.decode().split("-")[0]])
    consume(f"{NAME}-clean", topic, 5, look, isolation_level="read_committed")
    step("transaction committed", lambda: f"{counts['yes']} read")
    step("transaction aborted", lambda: f"{counts['no']} read")
    step("read uncommitted", lambda: f"{consume(f'{NAME}-dirty', topic, 10)} read")


def transaction_offsets():
    partition, group_id, producer = TopicPartition(f"{NAME}-time", 0), f"{NAME}-offsets", transactional("offsets")
    producer.begin_transaction()
    producer.send_offsets_to_transaction({partition: kafka.OffsetAndMetadata(7, "", -1)}, group_id)
    producer.commit_transaction()
    producer.close()
    consumer = new_consumer(group_id=group_id)
    committed = consumer.committed(partition)
    consumer.close()
    return f"committed {committed}"


def transaction_fenced():
    old = transactional("fenced")
    old.begin_transaction()
    old.send(f"{NAME}-three", b"old").get(30)
    transactional("fenced").close()
    refused = code(old.commit_transaction)
    old.close(timeout=1)
    return "refused" if refused in (47, 90) else f"{refused}"


def partition_count(admin, topic):
    [described] = admin.describe_topics([topic])
    return len(described["partitions"])


def more_partitions(admin):
    admin.create_partitions({NAME: NewPartitions(5)})
    until("there are more", lambda: partition_count(admin, NAME) == 5)
    return partition_count(admin, NAME)


def config(admin):
    resource = lambda configs: [ConfigResource(ConfigResourceType.TOPIC, NAME, configs=configs)]
    admin.alter_configs(resource({"retention.ms": "60000"}))

    def now():
        if IS_NEW:
            return admin.describe_configs(resource(None))["topic"][NAME]["retention.ms"]["value"]
        [answer] = admin.describe_configs(resource({"retention.ms": None}))
        return answer.resources[0][4][0][1]

    until("the value has changed", lambda: now() == "60000")
    return now()


def described_group(admin):
    if IS_NEW:
        listed, state = [group["group_id"] for group in admin.list_groups()], lambda: admin.describe_groups([NAME])[NAME]["group_state"]
    else:
        listed, state = [group[0] for group in admin.list_consumer_groups()], lambda: admin.describe_consumer_groups([NAME])[0].state
    return state() if NAME in listed else "not listed"


def delete_records(admin):
    partition = TopicPartition(f"{NAME}-time", 0)
    return f"begins at {admin.delete_records({partition: 5})[partition]['low_watermark']}"


def delete_group(admin, name):
    if IS_NEW:
        result = admin.delete_groups([name])[name]
        return "deleted" if result == "OK" else getattr(kafka.errors, result).errno
    [(_, error)] = admin.delete_consumer_groups([name])
    return "deleted" if error.errno == 0 else error.errno


def delete_topic(admin):
    topic = f"{NAME}-gone"
    admin.create_topics([NewTopic(topic, 1, 1)])
    admin.delete_topics([topic])
    until("it is not listed", lambda: topic not in admin.list_topics())
    return "deleted"


def create_topic(admin):
    admin.create_topics([NewTopic(NAME, 3, 1)])
    until("it is known", lambda: partition_count(admin, NAME) == 3)
    return f"{partition_count(admin, NAME)} partitions"


def compacted():
    topic, counts, consumer = f"{NAME}-compacted", [0, 0], new_consumer()
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]

    def read_on(at):
        # 2.0 takes markers for records.
        counts[at] += len([record for record in consumer.poll(100).get(partition, []) if record.key.startswith((b"k", b"behind"))])
        return counts[at]

    try:
        until("it is at the end", lambda: (read_on(0) and False) or consumer.position(partition) >= end)
        send(topic, numbered("behind", 1))
        until("the next is read", lambda: read_on(1) > 0)
    finally:
        consumer.close()
    return f"{counts[0]} read, {counts[1]} behind the gap"


def out_of_range():
    partition, consumer = TopicPartition(f"{NAME}-time", 0), new_consumer(group_id=f"{NAME}-range", auto_offset_reset="none")
    consumer.assign([partition])
    consumer.seek(partition, 1_000_000)
    try:
        until("there is an error", lambda: consumer.poll(100))
        return "no error"
    except OffsetOutOfRangeError as error:
        return error.errno
    finally:
        consumer.close()


def main():
    admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    step("create topic", lambda: create_topic(admin))
    codecs()
    step("resume", lambda: send(NAME, numbered("more", 5)) or f"{consume(NAME, NAME, 5)} read")
    group()
    step("seek by time", seek_by_time)
    step("compacted", compacted)
    if IS_NEW:
        step("static member", static_member)
        transactions()
        step("transaction offsets", transaction_offsets)
        step("transaction fenced", transaction_fenced)
        step("admin delete records", lambda: delete_records(admin))
    step("admin partitions", lambda: more_partitions(admin))
    step("admin config", lambda: config(admin))
    step("admin group", lambda: described_group(admin))
    step("admin delete group", lambda: delete_group(admin, NAME))
    step("admin delete topic", lambda: delete_topic(admin))
    step("error topic exists", lambda: code(lambda: admin.create_topics([NewTopic(NAME, 1, 1)])))
    step("error unknown topic", lambda: code(lambda: admin.delete_topics([f"{NAME}-nothing"])))
    step("error unknown group", lambda: delete_group(admin, f"{NAME}-nobody"))
    step("error invalid topic", lambda: code(lambda: admin.create_topics([NewTopic("bad name", 1, 1)])))
    step("error too large", lambda: code(lambda: send(f"{NAME}-small", [{"value": b"x" * 2000}])))
    step("error out of range", out_of_range)
    admin.close()


main()
