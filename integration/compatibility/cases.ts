/** A test, scenario or step of the clients: where it stands, and its title there (`titlesIn`). */
type Proof = readonly [path: string, title: string]

interface Case {
  readonly number: number
  /** What clients expect, that other brokers got wrong. */
  readonly expected: string
  readonly proofs: readonly Proof[]
}

const HANDLERS = 'packages/broker/src/handlers'
const GROUP = 'packages/coordinators/src/group/scenarios'
const TRANSACTION = 'packages/coordinators/src/transaction/scenarios'
const CONTRACT = 'packages/log/src/contract'
const SCENARIOS = 'integration/differential/scenarios'
const HERE = 'integration/compatibility'

/**
 * Cases in which clients met a broker that is not Apache Kafka and broke. Each is found by its number, here and in the names of
 * the tests that were made for it.
 */
export const CASES: readonly Case[] = [
  {
    number: 1,
    expected: 'Produce is listed from 0 on: an older librdkafka sends without compression otherwise',
    proofs: [
      [
        `${HERE}/versions.test.ts`,
        'compatibility 1: Produce is listed from 0 on, or an older librdkafka sends without compression',
      ],
      ['integration/clients', 'stored codecs'],
    ],
  },
  {
    number: 2,
    expected: 'an unknown version of ApiVersions is answered with 35 in version 0, and the connection goes on',
    proofs: [
      [
        'packages/broker/src/connection-bad-input.test.ts',
        'ApiVersions %i is answered in version 0, and the connection goes on',
      ],
    ],
  },
  {
    number: 3,
    expected: 'that answer has a list of versions, not null',
    proofs: [
      [
        'packages/broker/src/connection-bad-input.test.ts',
        'ApiVersions %i is answered in version 0, and the connection goes on',
      ],
    ],
  },
  {
    number: 4,
    expected: 'no version of ApiVersions closes the connection',
    proofs: [
      [
        'packages/broker/src/connection-bad-input.test.ts',
        'ApiVersions %i is answered in version 0, and the connection goes on',
      ],
    ],
  },
  {
    number: 5,
    expected: 'the answer to ApiVersions has response header 0 at every version',
    proofs: [
      [
        'packages/protocol/src/header.test.ts',
        'an ApiVersions response has header 0 in every version, so that any client can read it',
      ],
    ],
  },
  {
    number: 6,
    expected: 'sarama works at each version that it can be told to speak',
    proofs: [['integration/clients', 'each version']],
  },
  {
    number: 7,
    expected: 'the lowest versions stay low enough for kafkajs, which does not look at them',
    proofs: [
      [
        `${HERE}/versions.test.ts`,
        'compatibility 7: kafkajs, which does not look at the lowest version, never picks one below it',
      ],
    ],
  },
  {
    number: 8,
    expected: 'kafka-python up to 2.0 infers from the versions a broker of 2.5 or newer',
    proofs: [
      [
        `${HERE}/versions.test.ts`,
        'compatibility 8: the versions by which kafka-python 2.0 tells a broker of 2.5 or newer are served',
      ],
    ],
  },
  {
    number: 9,
    expected: 'every version that is listed can be read and written',
    proofs: [
      [`${HERE}/versions.test.ts`, 'compatibility 9: every listed version has a codec'],
      ['packages/protocol/src/vectors/vectors.test.ts', 'requests and responses'],
    ],
  },
  {
    number: 10,
    expected: 'the versions that name topics by id are there together',
    proofs: [[`${HERE}/versions.test.ts`, 'compatibility 10: the versions with topic ids are there together']],
  },
  {
    number: 11,
    expected: 'librdkafka finds a version of EndTxn that it speaks, and aborts',
    proofs: [
      ['integration/clients', 'transaction aborted'],
      [`${SCENARIOS}/transactions.ts`, 'EndTxn: aborts'],
    ],
  },
  {
    number: 12,
    expected: 'FindCoordinator answers one key, and several at once',
    proofs: [
      [`${HERE}/versions.test.ts`, 'compatibility 12: FindCoordinator is served alone and for several keys at once'],
      [`${HANDLERS}/10-find-coordinator.test.ts`, 'v%i: each key is answered, in order, a repeated one too'],
    ],
  },
  {
    number: 13,
    expected: 'a tagged field is in no version that does not have it',
    proofs: [['packages/protocol/src/vectors/vectors.test.ts', 'requests and responses']],
  },
  {
    number: 14,
    expected: 'a client software name that is none is refused with 42',
    proofs: [[`${HANDLERS}/18-api-versions.test.ts`, 'software %j version %j is an invalid request with no keys']],
  },
  {
    number: 15,
    expected: 'messages of formats 0 and 1 are taken, and given to those who read no other',
    proofs: [
      [`${HANDLERS}/00-produce.test.ts`, 'v%i: messages of format 0 become a batch'],
      [`${HANDLERS}/01-fetch.test.ts`, 'v3: plain messages begin where the client asks'],
    ],
  },
  {
    number: 16,
    expected: 'SaslHandshake is served in versions 0 and 1',
    proofs: [
      [
        'packages/broker/src/security/sasl/sasl-listener.test.ts',
        'a handshake version %s is followed by the tokens that belong to it',
      ],
      [`${HANDLERS}/17-sasl-handshake.test.ts`, 'a handshake v%i on a plaintext listener names no mechanism'],
    ],
  },
  {
    number: 17,
    expected: 'a topic takes records as soon as its creation is answered',
    proofs: [
      [
        `${HERE}/fresh-topics.test.ts`,
        'compatibility 17: of … topics just made each takes its first record at once, the last made first',
      ],
      [
        'packages/testing/src/topic-lives.test.ts',
        'a topic can be used at every node as soon as its creation is answered',
      ],
    ],
  },
  {
    number: 18,
    expected: 'a topic that is made by asking for it has its leader in the same answer',
    proofs: [[`${HANDLERS}/03-metadata.test.ts`, 'v%i: a missing topic is made, and answered with its leader at once']],
  },
  {
    number: 19,
    expected: 'Metadata below 4 makes missing topics, and an illegal name is 17',
    proofs: [
      [`${HANDLERS}/03-metadata.test.ts`, 'v%i: a missing topic is made, and answered with its leader at once'],
      [
        `${HANDLERS}/03-metadata.test.ts`,
        'a topic that cannot be made stays unknown: illegal names are invalid, and too many at once a violation',
      ],
    ],
  },
  {
    number: 20,
    expected: 'the cluster has an id of 22 characters, the same after a restart',
    proofs: [
      [
        `${HERE}/restart.test.ts`,
        'compatibility 20, 21: after a %s the cluster and the topic have their ids, and no leader or epoch is lower or -1',
      ],
    ],
  },
  {
    number: 21,
    expected: 'leaders and their epochs are at least 0, and epochs never fall',
    proofs: [
      [
        `${HERE}/restart.test.ts`,
        'compatibility 20, 21: after a %s the cluster and the topic have their ids, and no leader or epoch is lower or -1',
      ],
    ],
  },
  {
    number: 22,
    expected: 'authorized operations of topics and cluster are told to those who ask',
    proofs: [
      [`${SCENARIOS}/metadata.ts`, 'Metadata: with authorized operations'],
      [`${SCENARIOS}/metadata.ts`, 'DescribeCluster: brokers, controllers, and what is neither'],
      [`${HANDLERS}/60-describe-cluster.test.ts`, 'who may not describe the cluster has no operation on it'],
    ],
  },
  {
    number: 23,
    expected: 'CreateTopics takes -1 for partitions and replication factor in every version',
    proofs: [[`${SCENARIOS}/topic-administration.ts`, 'CreateTopics: replication factors']],
  },
  {
    number: 24,
    expected: 'every config that a topic has in Kafka is taken, checked, kept and shown',
    proofs: [
      [`${HANDLERS}/32-describe-configs.test.ts`, 'every config there is can be set, and is shown as it was set'],
    ],
  },
  {
    number: 25,
    expected: 'a created topic is answered with all its configs, as text; validating counts as creating would',
    proofs: [
      [
        `${HANDLERS}/19-create-topics.test.ts`,
        'from v5 on the answer has every config with its source, the topic’s own as they were sent',
      ],
      [`${HANDLERS}/19-create-topics.test.ts`, 'validating answers as creating would, but makes nothing'],
    ],
  },
  {
    number: 26,
    expected: 'cleanup.policy of a topic is described, also after a restart: a schema registry ends without it',
    proofs: [
      [`${HANDLERS}/32-describe-configs.test.ts`, 'every config, the topic’s own before the broker’s and the default'],
      [
        'integration/kafkajs/restart.test.ts',
        'everything is found again: topics, configs, ids, messages in every codec, committed offsets',
      ],
    ],
  },
  {
    number: 27,
    expected: 'the configs that tools look for are described, of brokers and of topics',
    proofs: [
      [`${SCENARIOS}/configs.ts`, 'DescribeConfigs: of brokers and of nothing'],
      [`${SCENARIOS}/configs.ts`, 'DescribeConfigs: of topics'],
      [
        `${HANDLERS}/32-describe-configs.test.ts`,
        'every key with its source; secrets and custom keys without their value',
      ],
    ],
  },
  {
    number: 28,
    expected: 'a value that was set is the topic’s own, even if it equals the default',
    proofs: [[`${HANDLERS}/32-describe-configs.test.ts`, 'a value equal to the default is still the topic’s own']],
  },
  {
    number: 29,
    expected: 'SET, DELETE, APPEND and SUBTRACT, and no request spoils the next',
    proofs: [
      [`${SCENARIOS}/configs.ts`, 'IncrementalAlterConfigs: of topics'],
      [
        'packages/broker/src/connection-bad-input.test.ts',
        'a handler that throws costs its own connection, and says so',
      ],
    ],
  },
  {
    number: 30,
    expected: 'AlterConfigs resets what it does not name',
    proofs: [[`${HANDLERS}/33-alter-configs.test.ts`, 'v%i replaces everything: what is not named is reset']],
  },
  {
    number: 31,
    expected: 'configs of a broker and of all brokers can be changed',
    proofs: [
      [
        `${HANDLERS}/44-incremental-alter-configs.test.ts`,
        'dynamic configs of a broker and of the cluster take effect without a restart',
      ],
    ],
  },
  {
    number: 32,
    expected: 'DescribeLogDirs has sizes in every version',
    proofs: [[`${HANDLERS}/35-describe-log-dirs.test.ts`, 'v%i: all replicas of the node, with their sizes']],
  },
  {
    number: 33,
    expected: 'CreatePartitions answers each topic, with the next numbers, and leaves the old ones alone',
    proofs: [
      [
        `${HANDLERS}/37-create-partitions.test.ts`,
        'v%i adds partitions with the next numbers and leaves the old ones alone',
      ],
    ],
  },
  {
    number: 34,
    expected: 'a topic that is made anew has another id and no producer; a late marker goes where Kafka 4.4 writes it',
    proofs: [
      [
        `${HERE}/created-anew.test.ts`,
        'compatibility 34: a topic made anew knows no producer and no id of its former life',
      ],
      [`${SCENARIOS}/transactions.ts`, 'EndTxn: over a topic that was made anew'],
      [
        'packages/testing/src/topic-lives.test.ts',
        'deleted and made anew under load, a topic begins at 0 and knows nothing of its former lives',
      ],
    ],
  },
  {
    number: 35,
    expected: 'a limit is told by a code of its own, with words',
    proofs: [
      [`${HANDLERS}/19-create-topics.test.ts`, 'too many partitions over all topics fail the request, every row of it'],
    ],
  },
  {
    number: 36,
    expected: 'a batch above max.message.bytes is 10, and the connection stays',
    proofs: [
      [`${HANDLERS}/00-produce.test.ts`, 'max.message.bytes counts the whole batch as compressed, header included'],
      [
        'integration/kafkajs/producer.test.ts',
        'a message over max.message.bytes is refused by name and the next one goes through',
      ],
    ],
  },
  {
    number: 37,
    expected: 'all four codecs are taken; zstd before Produce 7 is 76',
    proofs: [
      [`${HANDLERS}/00-produce.test.ts`, 'zstd before version 7 is an unsupported codec'],
      [
        'packages/records/src/produce/validate-produced.test.ts',
        'a true %s batch is stored as it came, in the same memory',
      ],
    ],
  },
  {
    number: 38,
    expected: 'acks 0 has no answer, the next request has; an error ends the connection',
    proofs: [
      [`${HANDLERS}/00-produce.test.ts`, '0 has no answer, and the next request is answered'],
      [`${HANDLERS}/00-produce.test.ts`, '0 with %s ends the connection'],
      ['packages/broker/src/connection.test.ts', 'acks 0 has no answer and keeps its place'],
    ],
  },
  {
    number: 39,
    expected: 'a compressed batch is never compressed anew: what a client sent is what is stored',
    proofs: [
      [
        'packages/records/src/produce/validate-produced.test.ts',
        'a true %s batch is stored as it came, in the same memory',
      ],
    ],
  },
  {
    number: 40,
    expected: 'the bytes that come out are those that went in, but for base offset and leader epoch',
    proofs: [
      [`${CONTRACT}/appends.contract.ts`, 'stores the bytes as they came, but for base offset and leader epoch'],
      [
        'integration/real-input/real-input.test.ts',
        'real files in every codec survive a group in motion and a killed broker, and the disk has the bytes that were sent',
      ],
    ],
  },
  {
    number: 41,
    expected: 'timestamps in a batch may be further apart than 32 bits tell',
    proofs: [[`${HANDLERS}/00-produce.test.ts`, 'timestamps further apart than 32 bits tell']],
  },
  {
    number: 42,
    expected: 'a record without a key for a compacted topic is 87, and named',
    proofs: [
      [
        `${HANDLERS}/00-produce.test.ts`,
        'records without a key on a compacted topic are each named, from version 8 on',
      ],
    ],
  },
  {
    number: 43,
    expected: 'a producer of which nothing is known may begin with any sequence',
    proofs: [[`${HANDLERS}/00-produce.test.ts`, 'an unknown producer may begin anywhere']],
  },
  {
    number: 44,
    expected: 'control batches of clients, and plain ones within a transaction of their producer, are refused',
    proofs: [
      [`${SCENARIOS}/producing.ts`, 'Produce: control and transactional batches that do not belong'],
      [`${CONTRACT}/producers.contract.ts`, 'forbids its producer plain batches'],
    ],
  },
  {
    number: 45,
    expected: 'a transaction time-out above transaction.max.timeout.ms is 50',
    proofs: [[`${TRANSACTION}/init-refused.txt`, 'No id, and the timeout at its limits.']],
  },
  {
    number: 46,
    expected: 'a repeat after a kill has its first offset, and there is one copy',
    proofs: [
      [`${HANDLERS}/00-produce.test.ts`, 'a repeat after a restart is still one copy'],
      [
        'integration/durability/kills.test.ts',
        'idempotent producers of kafkajs, killed twice: each message once, in order',
      ],
    ],
  },
  {
    number: 47,
    expected: 'records in an answer are never null',
    proofs: [
      [
        `${HANDLERS}/01-fetch.test.ts`,
        'at the end there is nothing, and never null; past it and before the start the offset is out of range',
      ],
    ],
  },
  {
    number: 48,
    expected: 'an offset in the middle of a batch gives the whole batch',
    proofs: [[`${HANDLERS}/01-fetch.test.ts`, 'every offset of a batch gives the whole batch']],
  },
  {
    number: 49,
    expected: 'the first batch is given however small the limits, and no more than that one past them',
    proofs: [
      [
        `${HANDLERS}/01-fetch.test.ts`,
        'the first partition with data gives a batch however small the limits, the later ones what fits',
      ],
    ],
  },
  {
    number: 50,
    expected: 'an answer is bounded whatever the client says, and no partition starves',
    proofs: [
      [`${HANDLERS}/01-fetch.test.ts`, 'fetch.max.bytes of the broker holds whatever the client says'],
      [
        'packages/broker/src/fetch/fetch-sessions.test.ts',
        'no partition starves behind another when there is room for only one',
      ],
    ],
  },
  {
    number: 51,
    expected: 'a control batch at the end is given whole, and counts in the high watermark',
    proofs: [
      [
        `${HERE}/reading-to-the-end.test.ts`,
        'compatibility 51, 52: behind the records of a %s there is a whole marker, and a reader gets past it to the end',
      ],
    ],
  },
  {
    number: 52,
    expected: 'whoever reads up to the end offset gets there, past markers and gaps',
    proofs: [
      [
        `${HERE}/reading-to-the-end.test.ts`,
        'compatibility 51, 52: behind the records of a %s there is a whole marker, and a reader gets past it to the end',
      ],
    ],
  },
  {
    number: 53,
    expected: 'clients read a compacted topic of compressed batches to its end',
    proofs: [
      [
        `${HERE}/reading-to-the-end.test.ts`,
        'compatibility 53: a compacted topic of %s batches, with gaps, is read to its end',
      ],
      ['integration/clients', 'compacted'],
    ],
  },
  {
    number: 54,
    expected: 'offsets are dense from 0 on, and the end is one past the last',
    proofs: [[`${CONTRACT}/appends.contract.ts`, 'gives dense offsets in the order of the calls, whatever the sizes']],
  },
  {
    number: 55,
    expected: 'a time gives the first record that is not older, in any order of times; none is -1',
    proofs: [
      [
        `${CONTRACT}/timestamps.contract.ts`,
        'agrees with a search through all records, in any order of times and over many segments',
      ],
      [`${SCENARIOS}/fetching.ts`, 'ListOffsets: special and other timestamps'],
    ],
  },
  {
    number: 56,
    expected: 'read_committed ends at the last stable offset, in ListOffsets too',
    proofs: [
      [`${CONTRACT}/producers.contract.ts`, 'holds the last stable offset until its marker'],
      [
        'packages/broker/src/transactions/transactions-and-topics.test.ts',
        'readers of committed records see the end of a transaction, not its middle',
      ],
    ],
  },
  {
    number: 57,
    expected: 'aborted transactions are listed in order, to read_committed alone',
    proofs: [
      [
        `${HANDLERS}/01-fetch.test.ts`,
        'read_committed has a list of aborted transactions, empty, with and without data',
      ],
      [
        'packages/broker/src/transactions/transactions-and-topics.test.ts',
        'readers of committed records see the end of a transaction, not its middle',
      ],
      [`${CONTRACT}/producers.contract.ts`, 'that was aborted is told to readers of what it touched'],
    ],
  },
  {
    number: 58,
    expected: 'every partition of a Fetch answer has its log start offset',
    proofs: [[`${SCENARIOS}/fetching.ts`, 'Fetch: where to begin']],
  },
  {
    number: 59,
    expected: 'a client that opens a session with each poll fills a bounded cache; 70 and 71 are right',
    proofs: [
      [
        'packages/broker/src/fetch/fetch-sessions.test.ts',
        'max.incremental.fetch.session.cache.slots: a client that opens a session with each poll fills the cache and no more',
      ],
      [`${SCENARIOS}/fetching.ts`, 'Fetch: sessions'],
    ],
  },
  {
    number: 60,
    expected: 'a Fetch waits as long as it says, ends with an append, and costs nothing meanwhile',
    proofs: [
      [`${HANDLERS}/01-fetch.test.ts`, 'ends at once with an append'],
      [`${HANDLERS}/01-fetch.test.ts`, 'nothing is looked at while nothing happens'],
      [`${HANDLERS}/01-fetch.test.ts`, 'waits for min_bytes over all partitions'],
    ],
  },
  {
    number: 61,
    expected: 'OffsetForLeaderEpoch takes -1 and -2, and its ends are never too low',
    proofs: [
      [`${SCENARIOS}/fetching.ts`, 'OffsetForLeaderEpoch: ends of epochs'],
      ['packages/log/src/leader-epochs.test.ts', 'say where an epoch ends: where the next begins, or the log does'],
    ],
  },
  {
    number: 62,
    expected: 'ListOffsets tells the epoch of the record that it found',
    proofs: [[`${HANDLERS}/02-list-offsets.test.ts`, "the found record's epoch, not the present one"]],
  },
  {
    number: 63,
    expected: 'compaction never takes markers for values of a key',
    proofs: [
      [
        'packages/log/src/log-compaction.test.ts',
        'tombstones and markers go in the end, batches of living producers stay',
      ],
      [
        'packages/records/src/batch-filter.test.ts',
        'a marker of a transaction without records gets a delete horizon too',
      ],
    ],
  },
  {
    number: 64,
    expected: 'compaction keeps what Kafka’s keeps, at its offsets and with its headers',
    proofs: [['packages/records/src/batch-filter.test.ts', 'leaves of a batch (%s) what Kafka’s cleaner leaves']],
  },
  {
    number: 65,
    expected: 'tombstones go delete.retention.ms after the pass that found them last, not before',
    proofs: [
      ['packages/records/src/batch-filter.test.ts', 'a batch with tombstones gets a delete horizon once, and keeps it'],
    ],
  },
  {
    number: 66,
    expected: 'JoinGroup from 4 on gives a new member its id with 79, below it is in at once',
    proofs: [
      [`${HANDLERS}/11-join-group.test.ts`, 'v%i: a new member is in at once'],
      [`${HANDLERS}/11-join-group.test.ts`, 'v%i: a new member gets its id first (KIP-394)'],
    ],
  },
  {
    number: 67,
    expected: 'members that live are never unknown, however they join and leave',
    proofs: [
      [`${HERE}/join-storms.test.ts`, 'compatibility 67: … members that join and leave … times are never strangers'],
    ],
  },
  {
    number: 68,
    expected: 'followers wait for the leader’s assignment, whose bytes nobody reads',
    proofs: [[`${HANDLERS}/14-sync-group.test.ts`, 'followers wait for the leader; who is left out gets empty bytes']],
  },
  {
    number: 69,
    expected: 'while groups are loaded nobody is told that it is no member; who is expired is 25',
    proofs: [
      [
        `${GROUP}/restart.txt`,
        'While the log is being read: come again later. A heartbeat is answered as if all were well.',
      ],
      [
        `${HANDLERS}/12-heartbeat.test.ts`,
        'keeps the session alive; without it the member is gone when the session is over',
      ],
    ],
  },
  {
    number: 70,
    expected: 'session time-outs are from 6 seconds to 30 minutes, else 26',
    proofs: [[`${GROUP}/join-refused.txt`, 'An empty group id; session timeouts at the limits and one past them.']],
  },
  {
    number: 71,
    expected: 'a static member comes back without a round, keeps the lead, and fences the one before',
    proofs: [
      [`${GROUP}/static-members.txt`, 'A follower comes back without its id: a new id, the same generation, no round.'],
      [`${GROUP}/static-members.txt`, 'The old id may not join, sync, commit or leave either.'],
      [`${SCENARIOS}/classic-groups.ts`, 'JoinGroup: a static member that comes back'],
    ],
  },
  {
    number: 72,
    expected: 'a commit has an error for each partition, keeps its metadata, and is fenced by generation',
    proofs: [
      [
        `${HANDLERS}/08-offset-commit.test.ts`,
        'rows keep their places: unknown ones among known ones, a partition twice',
      ],
      [
        `${HANDLERS}/08-offset-commit.test.ts`,
        'offset.metadata.max.bytes: metadata at the limit is kept, a character more refuses that row alone',
      ],
      [
        `${HERE}/restart.test.ts`,
        'compatibility 73: after a %s each group has what it committed, and -1 for the rest alone',
      ],
      [`${HANDLERS}/08-offset-commit.test.ts`, 'members of a group: who, and of which generation'],
    ],
  },
  {
    number: 73,
    expected: 'what was committed is there after a restart, and -1 stands for nothing else than never',
    proofs: [
      [
        `${HERE}/restart.test.ts`,
        'compatibility 73: after a %s each group has what it committed, and -1 for the rest alone',
      ],
    ],
  },
  {
    number: 74,
    expected: 'offsets that may be about to change are 88 until the transaction ends',
    proofs: [
      [
        `${GROUP}/transactional-offsets.txt`,
        'Those who must not begin from an offset that may be about to change are told to wait; in the all-topics form a partition that',
      ],
    ],
  },
  {
    number: 75,
    expected: 'a restart in the middle of a round brings members to join again, and leaves nobody’s partition',
    proofs: [
      [
        `${GROUP}/restart.txt`,
        'What was not yet assigned is not known: the members of the lost round learn that their generation is none.',
      ],
    ],
  },
  {
    number: 76,
    expected:
      'ending what was never begun is 48, a forgotten id 49; producers go on after a restart and past the last epoch',
    proofs: [
      [`${SCENARIOS}/transactions.ts`, 'EndTxn: when there is nothing to end'],
      [`${TRANSACTION}/expiry.txt`, 'Nothing is known of it any more.'],
      [
        `${TRANSACTION}/init-recover.txt`,
        'With what it holds a producer keeps its id and is given the next epoch (KIP-360).',
      ],
      [`${TRANSACTION}/epochs-exhausted.txt`, 'Then another id takes over, at epoch 0.'],
    ],
  },
  {
    number: 77,
    expected: 'a client logs in again on its connection; a failed proof lets nothing through',
    proofs: [
      ['integration/kafkajs/sasl.test.ts', 'kafkajs logs in again and again while it produces, on the same connection'],
      [
        'packages/broker/src/security/sasl/sasl-listener.test.ts',
        'a failed SCRAM proof that the client takes no notice of lets nothing through, nor does PLAIN behind it',
      ],
    ],
  },
  {
    number: 78,
    expected:
      'host and network have a listener each, localhost is both its addresses, an open address is not advertised',
    proofs: [
      [
        'integration/image/image.test.ts',
        'what compose starts serves the host and the network, is healthy, and stops cleanly',
      ],
      ['packages/broker/src/listener.test.ts', 'a free port is the same on both loopback addresses'],
      ['packages/broker/src/listener-config.test.ts', '%s is refused'],
    ],
  },
]
