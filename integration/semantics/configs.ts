import { absent, handler, row, type Section, scenario } from './row.ts'

const DESCRIBE = '32-describe-configs'
const REPLACE = '33-alter-configs'
const ALTER = '44-incremental-alter-configs'
const LIST = '74-list-config-resources'
const topics = scenario('IncrementalAlterConfigs: of topics')
const lists = scenario('IncrementalAlterConfigs: of lists')
const loggers = scenario('IncrementalAlterConfigs: of loggers')
const brokers = scenario('IncrementalAlterConfigs: of brokers')

export const configs: Section = {
  name: 'configs',
  rows: [
    row(
      'DescribeConfigs: a type that is none: INVALID_REQUEST for the request',
      handler(DESCRIBE, 'a resource type that is none fails every row'),
    ),
    row(
      'DescribeConfigs: of an illegal topic: INVALID_TOPIC_EXCEPTION, of a missing one: UNKNOWN_TOPIC_OR_PARTITION',
      scenario('DescribeConfigs: of topics'),
    ),
    row(
      'DescribeConfigs: of a topic twice: two rows; a key twice: once',
      handler(DESCRIBE, 'asked for twice it has two rows'),
      handler(DESCRIBE, 'only the keys that were asked for, each once'),
    ),
    row(
      'DescribeConfigs: of another broker, or of no number: INVALID_REQUEST',
      scenario('DescribeConfigs: of brokers and of nothing'),
    ),
    row(
      'DescribeConfigs: of loggers of another broker, or of none: INVALID_REQUEST',
      scenario('DescribeConfigs: of loggers'),
    ),
    row(
      'DescribeConfigs: of a group, or a subscription to metrics, without a name: INVALID_REQUEST',
      scenario('DescribeConfigs: of groups and subscriptions to metrics'),
    ),
    row(
      'DescribeConfigs: what is secret has no value',
      handler(DESCRIBE, 'every key with its source; secrets and custom keys without their value'),
    ),
    row(
      'DescribeConfigs: no right: the error of the kind of resource',
      handler(DESCRIBE, 'the right to describe configs is asked of the topic, the group, or the cluster'),
    ),
    row(
      'no value: INVALID_REQUEST',
      scenario('AlterConfigs: of topics'),
      topics,
      handler(REPLACE, '%s', 'no value'),
      handler(ALTER, '%s', 'no value'),
    ),
    row(
      'adding to, or taking from, what is no list: INVALID_CONFIG',
      lists,
      handler(ALTER, '%s', 'appending to no list'),
      handler(ALTER, '%s', 'subtracting from no list'),
    ),
    row('an empty element: INVALID_CONFIG', lists, handler(ALTER, '%s', 'appending an empty element')),
    row('an operation that is none: INVALID_REQUEST', handler(ALTER, '%s', 'an operation that is none')),
    row(
      'a resource twice: INVALID_REQUEST in its rows',
      scenario('IncrementalAlterConfigs: of a resource that is named twice, and of kinds that have none'),
      handler(ALTER, 'a resource named twice is refused in every row of its own, and others are changed'),
      handler(REPLACE, 'a resource named twice, which Kafka never answers, is refused in both rows'),
    ),
    row('a key twice in a resource: INVALID_REQUEST', topics, handler(ALTER, '%s', 'a key twice')),
    row(
      'an unknown key: INVALID_CONFIG, of a subscription to metrics INVALID_REQUEST',
      scenario('AlterConfigs: of topics'),
      topics,
      handler(REPLACE, '%s', 'an unknown key'),
      handler(REPLACE, '%s', 'an unknown key of client metrics'),
      handler(ALTER, '%s', 'an unknown key of client metrics'),
    ),
    row(
      'an unknown key of a broker: taken',
      scenario('IncrementalAlterConfigs: custom keys of brokers'),
      handler(REPLACE, '%s', 'a custom key of a broker'),
    ),
    row('an unknown key deleted: NONE', handler(ALTER, 'deleting an unknown key is no error')),
    row(
      'a topic that is missing: UNKNOWN_TOPIC_OR_PARTITION, illegal: INVALID_TOPIC_EXCEPTION, without a name: INVALID_REQUEST',
      scenario('AlterConfigs: of topics'),
      topics,
      handler(ALTER, '%s', 'an unknown topic'),
      handler(ALTER, '%s', 'an illegal topic'),
      handler(ALTER, '%s', 'a topic without a name'),
    ),
    row(
      'a group, or a subscription to metrics, without a name: INVALID_REQUEST',
      handler(ALTER, '%s', 'a group without a name'),
      handler(ALTER, '%s', 'client metrics without a name'),
    ),
    row(
      'another broker, or no number: INVALID_REQUEST',
      scenario('AlterConfigs: of a broker and of its loggers'),
      brokers,
      handler(ALTER, '%s', 'another broker'),
      handler(ALTER, '%s', 'a broker that is no number'),
    ),
    row(
      'a bad value of a broker, or a key that is fixed: INVALID_REQUEST',
      brokers,
      handler(ALTER, '%s', 'a bad broker value'),
      handler(ALTER, '%s', 'a key that is fixed at the start'),
    ),
    row(
      'min.insync.replicas of one broker where eligible replicas are remembered: INVALID_CONFIG',
      scenario('IncrementalAlterConfigs: min.insync.replicas of brokers'),
    ),
    row(
      'a value of a group outside the broker’s bounds: INVALID_CONFIG',
      scenario('IncrementalAlterConfigs: of groups'),
      scenario('AlterConfigs: of groups and subscriptions to metrics'),
      handler(ALTER, '%s', 'a value below the broker’s bound'),
    ),
    row(
      'an interval of a subscription out of bounds: INVALID_REQUEST; no number, or a bad pattern: INVALID_CONFIG',
      scenario('IncrementalAlterConfigs: of subscriptions to metrics'),
      handler(ALTER, '%s', 'an interval too short'),
      handler(ALTER, '%s', 'an interval that is no number'),
      handler(ALTER, '%s', 'a pattern without a known key'),
    ),
    row('loggers: not by AlterConfigs: INVALID_REQUEST', scenario('AlterConfigs: of a broker and of its loggers')),
    row(
      'loggers: of another node, lists, no level, the root taken away: INVALID_REQUEST',
      loggers,
      handler(ALTER, '%s', 'loggers of another node'),
      handler(ALTER, '%s', 'appending to a logger'),
      handler(ALTER, '%s', 'a logger without a level'),
      handler(ALTER, '%s', 'the root logger without a level'),
    ),
    row(
      'loggers: one that is none, or a level that is none: INVALID_CONFIG',
      loggers,
      handler(ALTER, '%s', 'a logger that is none'),
      handler(ALTER, '%s', 'a level in small letters'),
    ),
    row(
      'all or nothing for each resource',
      handler(ALTER, 'a resource is changed as a whole or not at all, each for itself'),
    ),
    row(
      'validated alone: nothing changed',
      handler(REPLACE, 'validating changes nothing'),
      handler(ALTER, 'validating changes nothing'),
    ),
    row(
      'a policy refuses: POLICY_VIOLATION',
      absent('policies are Java classes, which nothing here can load; docs/configs.md says so of their keys'),
    ),
    row(
      'a type of resource that is none: INVALID_REQUEST',
      scenario('AlterConfigs: of what has none'),
      handler(REPLACE, '%s', 'a resource type that is none'),
      handler(ALTER, '%s', 'a resource type that is none'),
    ),
    row(
      'no right to alter: the error of the kind of resource',
      handler(ALTER, 'the right to alter configs is asked of the topic, the group, or the cluster'),
    ),
    row(
      'ListConfigResources: a kind that is none: UNSUPPORTED_VERSION for the request',
      scenario('ListConfigResources: kinds'),
      handler(LIST, 'v1: %j has a kind that is none, and fails as a whole'),
    ),
    row(
      'ListConfigResources: no right: CLUSTER_AUTHORIZATION_FAILED',
      handler(LIST, 'v%i: the right to describe the cluster’s configs is asked for'),
    ),
  ],
}
