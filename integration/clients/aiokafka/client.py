"""aiokafka with its defaults."""

import asyncio
import collections
import logging
import sys
import time
import traceback

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, OffsetOutOfRangeError, ProducerFenced

BOOTSTRAP, NAME = sys.argv[1:3]
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
logging.disable(logging.CRITICAL)


async def step(name, body):
    try:
        result = await body
    except Exception as error:
        traceback.print_exc()
        result = f"failed: {error!r}"
    print(f"{name}: {result}", flush=True)


async def until(what, holds):
    end = time.monotonic() + 60
    while True:
        held = holds()
        if await held if asyncio.iscoroutine(held) else held:
            return
        if time.monotonic() > end:
            raise TimeoutError(what)
        await asyncio.sleep(0.02)


async def value(result):
    return result


async def code(call):
    try:
        await call
        return "no error"
    except KafkaError as error:
        return error.errno


async def send(topic, records, **config):
    async with AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all", max_request_size=2_000_000, **config) as producer:
        for ack in [await producer.send(topic, **record) for record in records]:
            await ack


def numbered(prefix, count):
    return [{"key": f"{prefix}-{at}".encode(), "value": f"{prefix}-{at}".encode()} for at in range(count)]


class Member(ConsumerRebalanceListener):
    """A member of a group; what it has read it has committed."""

    def __init__(self, group, topic, each, **config):
        config = {"auto_offset_reset": "earliest", "enable_auto_commit": False, **config}
        self.consumer = AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=group, **config)
        self.consumer.subscribe([topic], listener=self)
        self.each = each
        self.partitions = set()
        self.rebalances = 0

    async def on_partitions_revoked(self, revoked):
        self.partitions = set()

    async def on_partitions_assigned(self, assigned):
        self.partitions = set(assigned)
        self.rebalances += 1

    async def start(self):
        await self.consumer.start()
        self.task = asyncio.create_task(self.read())
        return self

    async def read(self):
        while True:
            batches = await self.consumer.getmany(timeout_ms=100)
            if batches:
                await self.consumer.commit()
            for records in batches.values():
                for record in records:
                    self.each(record)

    async def stop(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.consumer.stop()


async def consume(group, topic, count, each=lambda _: None, **config):
    """Reads until `count` have come and then a little longer, so that one too many would show."""
    read = []
    member = await Member(group, topic, read.append, **config).start()
    await until(f"{count} are read", lambda: len(read) >= count and member.partitions)
    await asyncio.sleep(0.5)
    await member.stop()
    for record in read:
        each(record)
    return len(read)


async def codecs():
    for codec in CODECS:
        await send(NAME, numbered(codec, 20), compression_type=None if codec == "none" else codec)
    await send(NAME, [
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

    await consume(NAME, NAME, 104, look)
    for codec in CODECS:
        await step(codec, value(f"{counts[codec]} read back"))
    for which in ["headers", "null key", "null value", "large value"]:
        await step(which, value(seen.get(which)))


async def resume():
    await send(NAME, numbered("more", 5))
    return f"{await consume(NAME, NAME, 5)} read"


def shared(members):
    return all(member.partitions for member in members) and sum(len(member.partitions) for member in members) == 3


async def group():
    topic, counts = f"{NAME}-three", collections.Counter()
    count = lambda record: counts.update([record.value.decode()])
    members = await asyncio.gather(*[Member(topic, topic, count).start() for _ in range(3)])

    async def spread(prefix):
        await send(topic, [{**record, "partition": at % 3} for at, record in enumerate(numbered(prefix, 30))])
        await until("all are read", lambda: len([text for text in counts if text.startswith(prefix)]) == 30)
        return "30 once each" if set(counts.values()) == {1} else f"some twice: {counts}"

    async def three():
        await until("each has one partition", lambda: shared(members))
        return await spread("first")

    async def two():
        await members.pop().stop()
        await until("two share three partitions", lambda: shared(members))
        return await spread("second")

    await step("group of three", three())
    await step("two after one left", two())
    for member in members:
        await member.stop()


async def static_member():
    """Closing a static member sends no LeaveGroup: when it is back in time, the other member has seen nothing. (KIP-345)"""
    topic, group_id, ignore = f"{NAME}-three", f"{NAME}-static", lambda _: None
    start = lambda **config: Member(group_id, topic, ignore, session_timeout_ms=20_000, **config).start()
    other, first = await asyncio.gather(start(), start(group_instance_id="the-one"))
    await until("both have partitions", lambda: shared([other, first]))
    before = other.rebalances
    await first.stop()
    again = await start(group_instance_id="the-one")
    await until("it has partitions again", lambda: shared([other, again]))
    await again.stop()
    await other.stop()
    return "back without a rebalance" if other.rebalances == before else "rebalanced"


async def seek_by_time():
    partition = TopicPartition(f"{NAME}-time", 0)
    async with AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=f"{NAME}-time", enable_auto_commit=False) as consumer:
        consumer.assign([partition])
        found = (await consumer.offsets_for_times({partition: 1_700_000_010_000}))[partition]
        consumer.seek(partition, found.offset)
        record = await consumer.getone()
        return f"offset {record.value.decode()}" if record.offset == found.offset else f"{record.offset}, not {found.offset}"


async def compacted():
    topic, counts = f"{NAME}-compacted", [0, 0]
    partition = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]

        async def read_on(at):
            counts[at] += len((await consumer.getmany(timeout_ms=100)).get(partition, []))

        async def at_end():
            await read_on(0)
            return await consumer.position(partition) >= end

        async def behind():
            await read_on(1)
            return counts[1] > 0

        await until("it is at the end", at_end)
        await send(topic, numbered("behind", 1))
        await until("the next is read", behind)
    return f"{counts[0]} read, {counts[1]} behind the gap"


def transactional(name):
    return AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, transactional_id=f"{NAME}-{name}")


async def transactions():
    topic = f"{NAME}-txn"
    async with transactional("id") as producer:
        for prefix in ["yes", "no"]:
            await producer.begin_transaction()
            for record in numbered(prefix, 5):
                await producer.send_and_wait(topic, **record)
            await (producer.commit_transaction() if prefix == "yes" else producer.abort_transaction())
    counts = collections.Counter()
    look = lambda record: counts.update([record.key.decode().split("-")[0]])
    await consume(f"{NAME}-clean", topic, 5, look, isolation_level="read_committed")
    await step("transaction committed", value(f"{counts['yes']} read"))
    await step("transaction aborted", value(f"{counts['no']} read"))

    async def dirty():
        return f"{await consume(f'{NAME}-dirty', topic, 10)} read"

    await step("read uncommitted", dirty())


async def transaction_offsets():
    partition, group_id = TopicPartition(f"{NAME}-time", 0), f"{NAME}-offsets"
    async with transactional("offsets") as producer, producer.transaction():
        await producer.send_offsets_to_transaction({partition: 7}, group_id)
    async with AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=group_id, enable_auto_commit=False) as consumer:
        consumer.assign([partition])
        return f"committed {await consumer.committed(partition)}"


async def transaction_fenced():
    old = transactional("fenced")
    await old.start()
    await old.begin_transaction()
    await old.send_and_wait(f"{NAME}-three", b"old")
    async with transactional("fenced"):
        pass
    try:
        await old.commit_transaction()
        return "let through"
    except ProducerFenced:
        return "refused"
    finally:
        await asyncio.gather(old.stop(), return_exceptions=True)


async def admin_calls(admin):
    async def partitions():
        return len((await admin.describe_topics([NAME]))[0]["partitions"])

    async def more_partitions():
        await admin.create_partitions({NAME: NewPartitions(5)})
        await until("there are more", lambda: same(partitions(), 5))
        return await partitions()

    async def config():
        resource = lambda configs: [ConfigResource(ConfigResourceType.TOPIC, NAME, configs=configs)]
        await admin.alter_configs(resource({"retention.ms": "60000"}))

        async def now():
            [answer] = await admin.describe_configs(resource({"retention.ms": None}))
            return answer.resources[0][4][0][1]

        await until("the value has changed", lambda: same(now(), "60000"))
        return await now()

    async def described_group():
        if NAME not in [group[0] for group in await admin.list_consumer_groups()]:
            return "not listed"
        return (await admin.describe_consumer_groups([NAME]))[0].groups[0][2]

    async def delete_records():
        partition = TopicPartition(f"{NAME}-time", 0)
        return f"begins at {(await admin.delete_records({partition: RecordsToDelete(before_offset=5)}))[partition]}"

    async def delete_topic():
        topic = f"{NAME}-gone"
        await admin.create_topics([NewTopic(topic, 1, 1)])
        await admin.delete_topics([topic])

        async def is_gone():
            return topic not in await admin.list_topics()

        await until("it is not listed", is_gone)
        return "deleted"

    await step("admin partitions", more_partitions())
    await step("admin config", config())
    await step("admin group", described_group())
    await step("admin delete records", delete_records())
    await step("admin delete topic", delete_topic())
    first_code = lambda answer, field: getattr(answer, field)[0][1]

    async def exists():
        return first_code(await admin.create_topics([NewTopic(NAME, 1, 1)]), "topic_errors")

    async def unknown():
        return first_code(await admin.delete_topics([f"{NAME}-nothing"]), "topic_error_codes")

    async def invalid():
        return first_code(await admin.create_topics([NewTopic("bad name", 1, 1)]), "topic_errors")

    await step("error topic exists", exists())
    await step("error unknown topic", unknown())
    await step("error invalid topic", invalid())


async def same(coroutine, wanted):
    return await coroutine == wanted


async def create_topic(admin):
    await admin.create_topics([NewTopic(NAME, 3, 1)])

    async def count():
        return len((await admin.describe_topics([NAME]))[0]["partitions"])

    await until("it is known", lambda: same(count(), 3))
    return f"{await count()} partitions"


async def out_of_range():
    partition = TopicPartition(f"{NAME}-time", 0)
    async with AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=f"{NAME}-range", auto_offset_reset="none") as consumer:
        consumer.assign([partition])
        consumer.seek(partition, 1_000_000)
        try:
            await consumer.getone()
            return "no error"
        except OffsetOutOfRangeError as error:
            return error.errno


async def main():
    admin = AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    await admin.start()
    await step("create topic", create_topic(admin))
    await codecs()
    await step("resume", resume())
    await group()
    await step("static member", static_member())
    await step("seek by time", seek_by_time())
    await step("compacted", compacted())
    await transactions()
    await step("transaction offsets", transaction_offsets())
    await step("transaction fenced", transaction_fenced())
    await admin_calls(admin)
    await step("error too large", code(send(f"{NAME}-small", [{"value": b"x" * 2000}])))
    await step("error out of range", out_of_range())
    await admin.close()


asyncio.run(main())
