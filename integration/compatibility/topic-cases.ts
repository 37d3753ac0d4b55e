import type { Case } from './case.ts'

const HANDLERS = 'packages/broker/src/handlers'
const SCENARIOS = 'integration/differential/scenarios'
const HERE = 'integration/compatibility'

/** Of metadata, topics and configs. */
export const TOPIC_CASES: readonly Case[] = [
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
      [
        `${HERE}/schema-registry.test.ts`,
        'compatibility 26: what a schema registry asks at its start, and at each later one',
      ],
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
]
