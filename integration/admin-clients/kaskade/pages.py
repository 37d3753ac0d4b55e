"""Opens the pages of kaskade, a terminal UI, by its keys, and prints what its tables show and what is in its log beyond notes."""

import asyncio
import sys
import tempfile
from pathlib import Path

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic
from kaskade.admin import CreateTopicScreen, DescribeTopicScreen, EditTopicScreen, KaskadeAdmin, ListTopics
from kaskade.consumer import KaskadeConsumer
from kaskade.deserializers import Deserialization
from kaskade.logs import configure_logging
from kaskade.models import MetricState
from textual.widgets import Collapsible, DataTable, Input, TabbedContent

BOOTSTRAP = sys.argv[1]
TOPIC = "kaskade-orders"
MADE = "kaskade-made"
GROUP = "kaskade-group"
TABS = ["partitions", "configurations", "groups", "group-offsets", "group-members"]
WAIT_STEPS_MAX = 1200
WIDE = (220, 60)
# Of members: their id and host, which are of this run.
HIDDEN_COLUMNS = {"group-members": (2, 3), "groups": (1,)}


def prepare():
    """A topic with records, and a group that has a member and a lag."""
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    admin.create_topics([NewTopic(TOPIC, 2, 1, config={"retention.ms": "86400000"})])[TOPIC].result(30)
    producer = Producer({"bootstrap.servers": BOOTSTRAP})
    for number in range(5):
        producer.produce(TOPIC, f"value-{number}", key=str(number), partition=number % 2)
    producer.flush(30)
    consumer = Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": GROUP,
            "client.id": "kaskade-member",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([TOPIC])
    record = None
    while record is None:
        record = consumer.poll(1)
    for partition in consumer.assignment():
        partition.offset = 1
        consumer.commit(offsets=[partition], asynchronous=False)
    return consumer


async def until(pilot, is_true):
    for _ in range(WAIT_STEPS_MAX):
        await pilot.pause(0.05)
        if is_true():
            return
    raise RuntimeError(f"kaskade did not get there: it shows {pilot.app.screen}")


def rows(table, hidden=()):
    for row in range(table.row_count):
        cells = [str(cell) for cell in table.get_row_at(row)]
        yield " | ".join("…" if index in hidden else cell for index, cell in enumerate(cells))


def show(heading, lines):
    print(f"[{heading}]", flush=True)
    for line in lines:
        print(line, flush=True)


async def topics_page(app, pilot, name):
    """Waits until the topic is there with its records and groups, and puts the cursor on it."""
    topics = app.query_one(ListTopics)

    def is_there():
        topic = topics.topics.get(name)
        return topic is not None and topic.records_state is MetricState.READY and topic.groups_state is MetricState.READY

    await until(pilot, is_there)
    table = topics.query_one(DataTable)
    table.focus()
    table.move_cursor(row=[str(key.value) for key in table.rows].index(name))
    await until(pilot, lambda: topics.current_topic is not None and topics.current_topic.name == name)
    return [line for line in rows(table) if line.startswith("kaskade")]


async def details_page(app, pilot, shown=TABS):
    await pilot.press("d")
    await until(pilot, lambda: isinstance(app.screen, DescribeTopicScreen))
    for tab in TABS:
        await until(pilot, lambda: app.screen.query_one(TabbedContent).active == tab)
        if tab in shown:
            show(f"details: {tab}", rows(app.screen.query_one(f"#{tab}-table", DataTable), HIDDEN_COLUMNS.get(tab, ())))
        await pilot.press("l")
    await pilot.press("escape")
    await until(pilot, lambda: len(app.screen_stack) == 1)


async def make_topic(app, pilot):
    await pilot.press("n")
    await until(pilot, lambda: isinstance(app.screen, CreateTopicScreen))
    app.screen.query_one("#name", Input).value = MADE
    app.screen.query_one("#partitions", Input).value = "3"
    await pilot.press("ctrl+s")
    show("create", await topics_page(app, pilot, MADE))


async def edit_topic(app, pilot):
    """More partitions and other configs: CreatePartitions and IncrementalAlterConfigs."""
    await pilot.press("e")
    await until(pilot, lambda: isinstance(app.screen, EditTopicScreen))
    app.screen.query_one("#partitions", Input).value = "4"
    app.screen.query_one("#retention", Input).value = "1000000"
    app.screen.query_one(Collapsible).collapsed = False
    await pilot.press("ctrl+s")
    topics = app.query_one(ListTopics)
    await until(pilot, lambda: topics.topics[MADE].partitions_count() == 4)
    show("edit", await topics_page(app, pilot, MADE))


async def delete_topic(app, pilot):
    await pilot.press("ctrl+d")
    await until(pilot, lambda: len(app.screen_stack) == 2)
    app.screen.query_one("#topic-confirmation", Input).value = MADE
    await pilot.press("enter")
    await until(pilot, lambda: MADE not in app.query_one(ListTopics).topics)
    show("delete", await topics_page(app, pilot, TOPIC))


async def admin_pages():
    app = KaskadeAdmin({"bootstrap.servers": BOOTSTRAP}, refresh_interval=0)
    async with app.run_test(size=WIDE) as pilot:
        show("topics", await topics_page(app, pilot, TOPIC))
        await details_page(app, pilot)
        await make_topic(app, pilot)
        await edit_topic(app, pilot)
        await details_page(app, pilot, ["partitions", "configurations"])
        await delete_topic(app, pilot)


async def records_page():
    text = Deserialization.STRING
    app = KaskadeConsumer(TOPIC, {"bootstrap.servers": BOOTSTRAP, "auto.offset.reset": "earliest"}, {}, {}, {}, text, text)
    async with app.run_test(size=WIDE) as pilot:
        table = app.query_one("#records-table", DataTable)
        await until(pilot, lambda: table.row_count == 5)
        show("records", sorted(rows(table, hidden=(3,))))


def log_problems(log):
    return [line for line in log.read_text().splitlines() if " INFO " not in line]


with tempfile.TemporaryDirectory() as directory:
    log = Path(directory) / "kaskade.log"
    configure_logging(log)
    member = prepare()
    asyncio.run(admin_pages())
    asyncio.run(records_page())
    member.close()
    show("log", log_problems(log))
