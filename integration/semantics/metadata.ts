import { absent, handler, row, type Section, scenario } from './row.ts'

const META = '03-metadata'
const CLUSTER = '60-describe-cluster'
const PAGES = '75-describe-topic-partitions'

export const metadata: Section = {
  name: 'Metadata, DescribeCluster, DescribeTopicPartitions',
  rows: [
    row(
      'all topics: those that may be described, the others without a word',
      handler(META, 'v%i: what stands for all topics, and what for none'),
      handler(META, 'topics that may not be described are hidden, asked for by name or not'),
    ),
    row('no topics: nodes and cluster only', scenario('Metadata: no topic')),
    row(
      '10-11: a topic id, or no name, is refused for every topic: INVALID_REQUEST',
      scenario('Metadata: by id'),
      handler(META, 'v%i has the field but refuses it'),
    ),
    row(
      '12 on: neither name nor id fails the request',
      scenario('Metadata: by id'),
      handler(META, 'v%i: neither name nor id'),
    ),
    row('12 on: with an id, names do not count', handler(META, 'v%i: as soon as one is there, names do not count')),
    row('an unknown id: UNKNOWN_TOPIC_ID, no name', scenario('Metadata: by id')),
    row(
      'an id that may not be described: TOPIC_AUTHORIZATION_FAILED, no name',
      handler(META, 'an id does not tell its name'),
    ),
    row(
      'a name that may not be described: TOPIC_AUTHORIZATION_FAILED, whether it is there or not',
      handler(META, 'topics that may not be described are hidden, asked for by name or not'),
    ),
    row(
      'a missing name without leave to make it: UNKNOWN_TOPIC_OR_PARTITION',
      scenario('Metadata: by name'),
      handler(META, 'v%i: without leave to create it, a missing topic is unknown and an illegal one invalid'),
    ),
    row('an illegal name: INVALID_TOPIC_EXCEPTION', scenario('Metadata: by name'), scenario('Metadata: an empty name')),
    row(
      'a missing name without the right to make it: TOPIC_AUTHORIZATION_FAILED',
      handler(META, 'making a topic needs the right to, in the cluster or for the topic, and that to describe it'),
    ),
    row(
      'a missing name that cannot be made stays UNKNOWN_TOPIC_OR_PARTITION',
      handler(
        META,
        'a topic that cannot be made stays unknown: illegal names are invalid, and too many at once a violation',
      ),
    ),
    row('a partition without a leader: LEADER_NOT_AVAILABLE', handler(META, 'a partition whose replicas are down')),
    row(
      'a leader without an endpoint on the listener: LISTENER_NOT_FOUND, before 6 LEADER_NOT_AVAILABLE',
      handler(META, 'v%i: a leader without an endpoint on the listener'),
    ),
    row('0 with a replica that is down: REPLICA_NOT_AVAILABLE', handler(META, 'v0 leaves them out and says so')),
    row('a name twice: one row', handler(META, 'v%i: nodes, cluster and the topics asked for, each once')),
    row(
      'operations of the cluster: 0 without the right to describe it',
      handler(META, 'who may not describe the cluster has no operation on it'),
    ),
    row(
      '13: REBOOTSTRAP_REQUIRED for all',
      absent('a broker never says so in Metadata; ApiVersions 5 does, to who means another cluster or node'),
    ),
    row(
      'DescribeCluster of controllers: MISMATCHED_ENDPOINT_TYPE, in 0 there are none to ask for',
      scenario('DescribeCluster: brokers, controllers, and what is neither'),
      handler(CLUSTER, 'v%i: endpoint type %i is refused'),
    ),
    row(
      'DescribeCluster of what is neither: UNSUPPORTED_ENDPOINT_TYPE',
      scenario('DescribeCluster: brokers, controllers, and what is neither'),
    ),
    row(
      'DescribeCluster with nodes that are down',
      scenario('DescribeCluster: fenced brokers too'),
      handler(CLUSTER, 'v2 names nodes that are down to those who ask for them'),
    ),
    row(
      'DescribeTopicPartitions: a cursor that is not among the names: INVALID_REQUEST in each',
      handler(PAGES, '%s fails every topic of the request', 'a cursor that is not among the names'),
    ),
    row(
      'DescribeTopicPartitions: a negative cursor: INVALID_REQUEST in each',
      handler(PAGES, '%s fails every topic of the request', 'a cursor below the first partition'),
    ),
    row(
      'DescribeTopicPartitions: an illegal name: INVALID_TOPIC_EXCEPTION; one that is missing: UNKNOWN_TOPIC_OR_PARTITION',
      scenario('DescribeTopicPartitions: pages'),
      handler(PAGES, '%s', 'missing and illegal ones do not count'),
    ),
    row(
      'DescribeTopicPartitions: an empty name: UNKNOWN_SERVER_ERROR in each',
      handler(PAGES, 'an empty name fails every topic of the request'),
    ),
    row(
      'DescribeTopicPartitions: hidden topics: TOPIC_AUTHORIZATION_FAILED, last, only when they were named',
      handler(PAGES, 'hidden topics come last when they were named, and not at all otherwise'),
    ),
    row(
      'DescribeTopicPartitions: a limit below 1 is 1',
      handler(PAGES, '%s', 'a limit of 0 is 1'),
      handler(PAGES, '%s', 'a limit below 0 is 1'),
    ),
  ],
}
