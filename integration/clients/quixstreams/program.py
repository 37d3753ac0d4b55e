"""Quix Streams: a stateful count over a topic, with its changelog, and exactly once over a restart."""

import collections
import sys

from confluent_kafka import Consumer, Producer
from quixstreams import Application

BOOTSTRAP, NAME, STATE = sys.argv[1:4]
INPUT, OUTPUT = f"{NAME}-three", f"{NAME}-totals"


def send(first, last):
    producer = Producer({"bootstrap.servers": BOOTSTRAP})
    for number in range(first, last):
        producer.produce(INPUT, key=f"k{number % 2}", value="1")
    producer.flush(30)


def count(_, state):
    total = state.get("total", 0) + 1
    state.set("total", total)
    return total


def run(guarantee, records):
    app = Application(
        broker_address=BOOTSTRAP, consumer_group=f"{NAME}-quix", auto_offset_reset="earliest", state_dir=STATE,
        processing_guarantee=guarantee, loglevel="ERROR", commit_interval=0.5,
    )
    frame = app.dataframe(app.topic(INPUT, value_deserializer="str", key_deserializer="str"))
    frame = frame.apply(count, stateful=True)
    frame.to_topic(app.topic(OUTPUT, value_serializer="json", key_serializer="str"))
    app.run(count=records, timeout=60)


def totals(wanted):
    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": f"{NAME}-totals-reader", "auto.offset.reset": "earliest", "isolation.level": "read_committed"})
    consumer.subscribe([OUTPUT])
    latest, read = {}, collections.Counter()
    for _ in range(600):
        message = consumer.poll(0.1)
        if message is not None and not message.error():
            read[message.key().decode()] += 1
            latest[message.key().decode()] = message.value().decode()
        if latest == wanted:
            break
    consumer.close()
    return " ".join(f"{key}={latest[key]} in {read[key]}" for key in sorted(latest))


send(0, 20)
run("exactly-once", 20)
print("stateful count:", totals({"k0": "10", "k1": "10"}), flush=True)
send(20, 30)
run("exactly-once", 10)
print("after a restart:", totals({"k0": "15", "k1": "15"}), flush=True)
