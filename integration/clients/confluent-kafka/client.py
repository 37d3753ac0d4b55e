"""confluent-kafka, librdkafka beneath."""

import collections
import sys
import time
import traceback

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, ResourceType

BOOTSTRAP, NAME = sys.argv[1:3]
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
BASE = {"bootstrap.servers": BOOTSTRAP, "log_level": 0}
admin = AdminClient(BASE)


def step(name, body):
    try:
        result = body()
    except Exception as error:
        traceback.print_exc()
        result = f"failed: {error}"
    print(f"{name}: {result}", flush=True)


def until(what, holds):
    end = time.monotonic() + 60
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(what)


def code(call):
    try:
        call()
        return "no error"
    except KafkaException as error:
        return error.args[0].code()


def one(futures):
    return next(iter(futures.values())).result(30)


def send(topic, records, **config):
    producer = Producer({**BASE, "linger.ms": 20, **config})
    errors = []
    for record in records:
        producer.produce(topic, on_delivery=lambda error, _: error and errors.append(error), **record)
    if producer.flush(30) > 0:
        raise TimeoutError("not delivered")
    if errors:
        raise KafkaException(errors[0])


def numbered(prefix, count):
    return [{"key": f"{prefix}-{at}", "value": f"{prefix}-{at}"} for at in range(count)]


class Member:
    """A member of a group; what it has read it has committed."""

    def __init__(self, group, topic, **config):
        self.consumer = Consumer({**BASE, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False, **config})
        self.partitions = []
        self.rebalances = 0
        self.consumer.subscribe([topic], on_assign=self.assigned, on_revoke=self.revoked)

    def assigned(self, _, partitions):
        self.partitions = partitions
        self.rebalances += 1

    def revoked(self, *_):
        self.partitions = []

    def poll(self, seconds=0.05):
        message = self.consumer.poll(seconds)
        if message is None:
            return None
        if message.error():
            raise KafkaException(message.error())
        self.consumer.commit(message, asynchronous=False)
        return message


def consume(group, topic, count, each=lambda _: None, **config):
    """Reads until `count` have come and then a little longer, so that one too many would show."""
    member = Member(group, topic, **config)
    read, quiet = 0, 0
    end = time.monotonic() + 30
    while time.monotonic() < end and quiet < 5:
        message = member.poll(0.1)
        if message is not None:
            read += 1
            each(message)
        elif read >= count and member.partitions:
            quiet += 1
    member.consumer.close()
    return read


def codecs():
    for codec in CODECS:
        send(NAME, numbered(codec, 20), **{"compression.type": codec})
    send(NAME, [
        {"key": None, "value": "null key"},
        {"key": "null value", "value": None},
        {"key": "large", "value": "x" * 900_000},
        {"key": "headers", "value": "v", "headers": [("a", b"1"), ("b", b"2")]},
    ])
    counts, seen = collections.Counter(), {}

    def look(message):
        key, value = message.key(), message.value()
        if key is None:
            seen["null key"] = "read back" if value == b"null key" else value
        elif key == b"null value":
            seen["null value"] = "read back" if value is None else value
        elif key == b"large":
            seen["large value"] = f"{value.count(b'x')} bytes"
        elif key == b"headers":
            seen["headers"] = " ".join(f"{name}={text.decode()}" for name, text in message.headers())
        elif key == value:
            counts[key.decode().split("-")[0]] += 1

    consume(NAME, NAME, 104, look)
    for codec in CODECS:
        step(codec, lambda: f"{counts[codec]} read back")
    for which in ["headers", "null key", "null value", "large value"]:
        step(which, lambda: seen.get(which))


def poll_all(members, counts=None):
    for member in members:
        message = member.poll()
        if message is not None and counts is not None:
            counts[message.value().decode()] += 1
    return True


def shared(members):
    return all(member.partitions for member in members) and sum(len(member.partitions) for member in members) == 3


def group():
    topic, counts = f"{NAME}-three", collections.Counter()
    members = [Member(topic, topic) for _ in range(3)]

    def spread(prefix):
        send(topic, [{**record, "partition": at % 3} for at, record in enumerate(numbered(prefix, 30))])
        until("all are read", lambda: poll_all(members, counts) and len([value for value in counts if value.startswith(prefix)]) == 30)
        return "30 once each" if set(counts.values()) == {1} else f"some twice: {counts}"

    def three():
        until("each has one partition", lambda: poll_all(members, counts) and shared(members))
        return spread("first")

    def two():
        members.pop().consumer.close()
        until("two share three partitions", lambda: poll_all(members, counts) and shared(members))
        return spread("second")

    step("group of three", three)
    step("two after one left", two)
    for member in members:
        member.consumer.close()


def static_member():
    """Closing a static member sends no LeaveGroup: when it is back in time, the other member has seen nothing. (KIP-345)"""
    topic, group_id = f"{NAME}-three", f"{NAME}-static"
    other = Member(group_id, topic)
    first = Member(group_id, topic, **{"group.instance.id": "the-one"})
    until("both have partitions", lambda: poll_all([other, first]) and shared([other, first]))
    before = other.rebalances
    first.consumer.close()
    again = Member(group_id, topic, **{"group.instance.id": "the-one"})
    until("it has partitions again", lambda: poll_all([other, again]) and shared([other, again]))
    again.consumer.close()
    other.consumer.close()
    return "back without a rebalance" if other.rebalances == before else "rebalanced"


def seek_by_time():
    consumer = Consumer({**BASE, "group.id": f"{NAME}-time"})
    [found] = consumer.offsets_for_times([TopicPartition(f"{NAME}-time", 0, 1_700_000_010_000)], timeout=30)
    consumer.assign([found])
    message = consumer.poll(30)
    consumer.close()
    return f"offset {message.value().decode()}" if message.offset() == found.offset else f"{message.offset()}, not {found.offset}"


def compacted():
    topic, counts = f"{NAME}-compacted", [0, 0]
    consumer = Consumer({**BASE, "group.id": topic, "enable.auto.commit": False, "enable.partition.eof": True})
    consumer.assign([TopicPartition(topic, 0, 0)])

    def is_at_end(at):
        message = consumer.poll(0.05)
        if message is None:
            return False
        if message.error() and message.error().code() != KafkaError._PARTITION_EOF:
            raise KafkaException(message.error())
        counts[at] += message.error() is None
        return message.error() is not None and counts[at] > 0

    until("it is at the end", lambda: is_at_end(0))
    send(topic, numbered("behind", 1))
    until("the next is read", lambda: is_at_end(1))
    consumer.close()
    return f"{counts[0]} read, {counts[1]} behind the gap"


def transactional(name):
    producer = Producer({**BASE, "transactional.id": f"{NAME}-{name}"})
    producer.init_transactions(30)
    return producer


def transactions():
    topic = f"{NAME}-txn"
    producer = transactional("id")
    for prefix in ["yes", "no"]:
        producer.begin_transaction()
        for record in numbered(prefix, 5):
            producer.produce(topic, **record)
        producer.flush(30)
        if prefix == "yes":
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    counts = collections.Counter()
    consume(f"{NAME}-clean", topic, 5, lambda message: counts.update([message.key().decode().split("-")[0]]))
    step("transaction committed", lambda: f"{counts['yes']} read")
    step("transaction aborted", lambda: f"{counts['no']} read")
    step("read uncommitted", lambda: f"{consume(f'{NAME}-dirty', topic, 10, **{'isolation.level': 'read_uncommitted'})} read")


def transaction_offsets():
    consumer = Consumer({**BASE, "group.id": f"{NAME}-offsets"})
    producer = transactional("offsets")
    producer.begin_transaction()
    producer.send_offsets_to_transaction([TopicPartition(f"{NAME}-time", 0, 7)], consumer.consumer_group_metadata(), 30)
    producer.commit_transaction(30)
    [committed] = consumer.committed([TopicPartition(f"{NAME}-time", 0)], 30)
    consumer.close()
    return f"committed {committed.offset}"


def transaction_fenced():
    old = transactional("fenced")
    old.begin_transaction()
    old.produce(f"{NAME}-three", "old")
    old.flush(30)
    transactional("fenced")
    try:
        old.commit_transaction(30)
        return "let through"
    except KafkaException as error:
        return "refused" if error.args[0].fatal() else f"{error}"


def partitions():
    return len(admin.list_topics(NAME, 30).topics[NAME].partitions)


def more_partitions():
    one(admin.create_partitions([NewPartitions(NAME, 5)]))
    until("there are more", lambda: partitions() == 5)
    return partitions()


def config():
    entry = ConfigEntry("retention.ms", "60000", incremental_operation=AlterConfigOpType.SET)
    one(admin.incremental_alter_configs([ConfigResource(ResourceType.TOPIC, NAME, incremental_configs=[entry])]))
    value = lambda: one(admin.describe_configs([ConfigResource(ResourceType.TOPIC, NAME)]))["retention.ms"].value
    until("the value has changed", lambda: value() == "60000")
    return value()


def described_group():
    if NAME not in [group.group_id for group in admin.list_consumer_groups().result(30).valid]:
        return "not listed"
    return one(admin.describe_consumer_groups([NAME])).state.name.title()


def delete_topic():
    topic = f"{NAME}-gone"
    one(admin.create_topics([NewTopic(topic, 1, 1)]))
    one(admin.delete_topics([topic]))
    until("it is not listed", lambda: topic not in admin.list_topics(timeout=30).topics)
    return "deleted"


def create_topic():
    one(admin.create_topics([NewTopic(NAME, 3, 1)]))
    until("it is known", lambda: partitions() == 3)
    return f"{partitions()} partitions"


def out_of_range():
    consumer = Consumer({**BASE, "group.id": f"{NAME}-range", "auto.offset.reset": "error"})
    consumer.assign([TopicPartition(f"{NAME}-time", 0, 1_000_000)])
    message = consumer.poll(30)
    consumer.close()
    # It has a code of its own for this, _AUTO_OFFSET_RESET, and the broker's in the text.
    return 1 if message.error() and "out of range" in message.error().str() else "no error"


step("create topic", create_topic)
codecs()
step("resume", lambda: send(NAME, numbered("more", 5)) or f"{consume(NAME, NAME, 5)} read")
group()
step("static member", static_member)
step("seek by time", seek_by_time)
step("compacted", compacted)
transactions()
step("transaction offsets", transaction_offsets)
step("transaction fenced", transaction_fenced)
step("admin partitions", more_partitions)
step("admin config", config)
step("admin group", described_group)
step("admin delete records", lambda: f"begins at {one(admin.delete_records([TopicPartition(f'{NAME}-time', 0, 5)])).low_watermark}")
step("admin delete group", lambda: one(admin.delete_consumer_groups([NAME])) or "deleted")
step("admin delete topic", delete_topic)
step("error topic exists", lambda: code(lambda: one(admin.create_topics([NewTopic(NAME, 1, 1)]))))
step("error unknown topic", lambda: code(lambda: one(admin.delete_topics([f"{NAME}-nothing"]))))
step("error unknown group", lambda: code(lambda: one(admin.delete_consumer_groups([f"{NAME}-nobody"]))))
step("error invalid topic", lambda: code(lambda: one(admin.create_topics([NewTopic("bad name", 1, 1)]))))
step("error too large", lambda: code(lambda: send(f"{NAME}-small", [{"value": "x" * 2000}])))
step("error out of range", out_of_range)
