"""Each function of confluent-kafka's AdminClient once (librdkafka beneath)."""

import sys
import time

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    ElectionType,
    IsolationLevel,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

BOOTSTRAP = sys.argv[1]
TOPIC = "confluent-admin"
GROUP = "confluent-group"
admin = AdminClient({"bootstrap.servers": BOOTSTRAP, "log_level": 0})


def one(futures):
    return next(iter(futures.values())).result(30)


def produce():
    producer = Producer({"bootstrap.servers": BOOTSTRAP})
    for number in range(3):
        producer.produce(TOPIC, str(number), partition=0)
    return producer.flush(30)


def resource(**configs):
    entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in configs.items()]
    return ConfigResource(ResourceType.TOPIC, TOPIC, incremental_configs=entries)


def eventually(read, is_right):
    """A broker of Apache Kafka answers before it has read what it has just had changed."""
    for _ in range(100):
        try:
            result = read()
            if is_right(result):
                return result
        except (KafkaException, IndexError) as error:
            result = error
        time.sleep(0.05)
    return result


def alter_offset():
    return one(admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP, [TopicPartition(TOPIC, 0, 2)])])).topic_partitions[0]


def credentials():
    described = one(admin.describe_user_scram_credentials([USER]))
    return [(info.mechanism.name, info.iterations) for info in described.scram_credential_infos]


USER = "confluent-user"
CREDENTIAL = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 5000)
ACL = ("User:ann", "*", AclOperation.READ, AclPermissionType.ALLOW)
BINDING = AclBinding(ResourceType.TOPIC, TOPIC, ResourcePatternType.LITERAL, *ACL)
FILTER = AclBindingFilter(ResourceType.TOPIC, TOPIC, ResourcePatternType.LITERAL, *ACL)

CALLS = [
    ("create_topics", lambda: one(admin.create_topics([NewTopic(TOPIC, 2, 1)]))),
    ("create_partitions", lambda: one(admin.create_partitions([NewPartitions(TOPIC, 3)]))),
    ("list_topics", lambda: eventually(lambda: len(admin.list_topics(TOPIC, 30).topics[TOPIC].partitions), lambda count: count == 3)),
    ("describe_topics", lambda: eventually(lambda: len(one(admin.describe_topics(TopicCollection([TOPIC]))).partitions), lambda count: count == 3)),
    ("describe_cluster", lambda: len(admin.describe_cluster().result(30).nodes)),
    ("produce", produce),
    ("list_offsets", lambda: one(admin.list_offsets({TopicPartition(TOPIC, 0): OffsetSpec.latest()}, isolation_level=IsolationLevel.READ_UNCOMMITTED)).offset),
    ("delete_records", lambda: one(admin.delete_records([TopicPartition(TOPIC, 0, 1)])).low_watermark),
    ("incremental_alter_configs", lambda: one(admin.incremental_alter_configs([resource(**{"retention.ms": "5"})]))),
    ("describe_configs", lambda: one(admin.describe_configs([ConfigResource(ResourceType.TOPIC, TOPIC)]))["retention.ms"].value),
    ("alter_configs", lambda: one(admin.alter_configs([ConfigResource(ResourceType.TOPIC, TOPIC, set_config={"retention.ms": "6"})]))),
    ("alter_consumer_group_offsets", lambda: eventually(alter_offset, lambda partition: partition.error is None).offset),
    ("list_consumer_group_offsets", lambda: eventually(lambda: one(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP)])).topic_partitions[0].offset, lambda offset: offset == 2)),
    ("list_consumer_groups", lambda: GROUP in [group.group_id for group in admin.list_consumer_groups().result(30).valid]),
    ("list_groups", lambda: GROUP in [group.id for group in admin.list_groups(timeout=30)]),
    ("describe_consumer_groups", lambda: one(admin.describe_consumer_groups([GROUP])).state.name),
    ("delete_consumer_groups", lambda: one(admin.delete_consumer_groups([GROUP]))),
    ("create_acls", lambda: one(admin.create_acls([BINDING]))),
    ("describe_acls", lambda: admin.describe_acls(FILTER).result(30)[0].principal),
    ("delete_acls", lambda: len(one(admin.delete_acls([FILTER])))),
    ("alter_user_scram_credentials", lambda: one(admin.alter_user_scram_credentials([UserScramCredentialUpsertion(USER, CREDENTIAL, b"secret")]))),
    ("describe_user_scram_credentials", lambda: eventually(credentials, lambda infos: len(infos) == 1)),
    ("alter_user_scram_credentials", lambda: one(admin.alter_user_scram_credentials([UserScramCredentialDeletion(USER, CREDENTIAL.mechanism)]))),
    ("cluster_id", lambda: len(admin.cluster_id())),
    ("elect_leaders", lambda: [error.name() for error in admin.elect_leaders(ElectionType.PREFERRED, [TopicPartition(TOPIC, 0)]).result(30).values()]),
    ("delete_topics", lambda: one(admin.delete_topics([TOPIC]))),
]

for name, call in CALLS:
    try:
        print(f"{name}: {call()}", flush=True)
    except KafkaException as error:
        print(f"{name}: {error}", flush=True)
