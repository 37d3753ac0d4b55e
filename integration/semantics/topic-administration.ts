import { absent, handler, row, type Section, scenario, test } from './row.ts'

const CREATE = '19-create-topics'
const DELETE = '20-delete-topics'
const MORE = '37-create-partitions'
const ELECT = '43-elect-leaders'
const MOVE = '45-alter-partition-reassignments'
const DIRECTORIES = '35-describe-log-dirs'
const REPLICAS = '34-alter-replica-log-dirs'
const NO_POLICIES = 'policies are Java classes, which nothing here can load; docs/configs.md says so of their keys'

export const topicAdministration: Section = {
  name: 'topics, partitions, replicas, log directories',
  rows: [
    row(
      'CreateTopics: a name twice: INVALID_REQUEST',
      scenario('CreateTopics: a name twice'),
      handler(CREATE, 'a name given twice is answered once and not made; others of the request are'),
    ),
    row('CreateTopics: the metadata topic: INVALID_REQUEST', scenario('CreateTopics: the metadata topic')),
    row(
      'CreateTopics: no right: TOPIC_AUTHORIZATION_FAILED',
      handler(
        CREATE,
        'the right to create is asked of the cluster or of the topic; that to describe configs hides them',
      ),
    ),
    row(
      'CreateTopics: too many partitions in all: POLICY_VIOLATION for each',
      scenario('CreateTopics: too many partitions'),
      handler(CREATE, 'too many partitions over all topics fail the request, every row of it'),
    ),
    row(
      'CreateTopics: an illegal name: INVALID_TOPIC_EXCEPTION',
      scenario('CreateTopics: names that are none'),
      scenario('CreateTopics: the longest name'),
    ),
    row(
      'CreateTopics: a name that collides with one that is there: INVALID_TOPIC_EXCEPTION; two new ones are both made',
      scenario('CreateTopics: a topic that exists'),
      scenario('CreateTopics: names that collide among themselves'),
      test(
        'packages/broker/src/metadata/topic-name.test.ts',
        'names that differ by dots and underscores alone collide',
      ),
    ),
    row(
      'CreateTopics: one that exists: TOPIC_ALREADY_EXISTS, before what else is wrong',
      scenario('CreateTopics: a topic that exists'),
    ),
    row(
      'CreateTopics: a config without value, unknown or bad: INVALID_CONFIG',
      scenario('CreateTopics: configs'),
      scenario('CreateTopics: configs without a value, twice, and at odds'),
    ),
    row('CreateTopics: assignments beside numbers: INVALID_REQUEST', scenario('CreateTopics: assignments')),
    row('CreateTopics: bad assignments: INVALID_REPLICA_ASSIGNMENT', scenario('CreateTopics: assignments')),
    row(
      'CreateTopics: a bad number of partitions: INVALID_PARTITIONS',
      scenario('CreateTopics: numbers of partitions'),
      scenario('CreateTopics: wrong partitions and wrong replication factor'),
    ),
    row(
      'CreateTopics: a bad replication factor: INVALID_REPLICATION_FACTOR',
      scenario('CreateTopics: replication factors'),
      scenario('CreateTopics: wrong partitions and wrong replication factor'),
    ),
    row('CreateTopics: a policy refuses: POLICY_VIOLATION', absent(NO_POLICIES)),
    row(
      'CreateTopics: no node is up: INVALID_REPLICATION_FACTOR',
      test('packages/broker/src/metadata/node-decisions.test.ts', 'with no node up no topic can be made'),
    ),
    row(
      'CreateTopics: validated alone: the same answers, nothing made',
      handler(CREATE, 'validating answers as creating would, but makes nothing'),
    ),
    row(
      'CreateTopics: configs hidden from who may not describe them: TOPIC_AUTHORIZATION_FAILED beside the topic',
      handler(
        CREATE,
        'the right to create is asked of the cluster or of the topic; that to describe configs hides them',
      ),
    ),
    row(
      'CreateTopics: no time, or too little: REQUEST_TIMED_OUT',
      scenario('CreateTopics: no time'),
      handler(CREATE, 'what takes longer than the time-out is answered so, and may be there later'),
    ),
    row(
      'over the quota of changes: THROTTLING_QUOTA_EXCEEDED where the version knows it',
      test('packages/broker/src/handlers/controller-quotas.test.ts', 'CreateTopics %i'),
      test('packages/broker/src/handlers/controller-quotas.test.ts', 'DeleteTopics %i'),
      test('packages/broker/src/handlers/controller-quotas.test.ts', 'CreatePartitions %i'),
    ),
    row(
      'CreatePartitions: unknown or illegal: UNKNOWN_TOPIC_OR_PARTITION',
      scenario('CreatePartitions: more, fewer, and wrong ones'),
      handler(MORE, '%s', 'an illegal name'),
    ),
    row(
      'CreatePartitions: no right: TOPIC_AUTHORIZATION_FAILED',
      handler(MORE, 'the right to alter the topic is asked for'),
    ),
    row(
      'CreatePartitions: too many in all: POLICY_VIOLATION',
      handler(MORE, 'too many over all topics fail every row'),
    ),
    row(
      'CreatePartitions: a topic twice: INVALID_REQUEST',
      handler(MORE, 'a topic given twice, there or not, is answered once and not changed'),
    ),
    row(
      'CreatePartitions: no more than there are: INVALID_PARTITIONS',
      scenario('CreatePartitions: more, fewer, and wrong ones'),
      handler(MORE, '%s', 'as many as there are'),
    ),
    row(
      'CreatePartitions: another number of assignments than new partitions, or bad ones: INVALID_REPLICA_ASSIGNMENT',
      scenario('CreatePartitions: more, fewer, and wrong ones'),
      handler(MORE, '%s', 'too many replicas lists'),
      handler(MORE, '%s', 'an unknown node'),
    ),
    row('CreatePartitions: no time: REQUEST_TIMED_OUT', scenario('CreatePartitions: no time')),
    row(
      'DeleteTopics: by both, or neither: INVALID_REQUEST',
      scenario('DeleteTopics: by name and by id'),
      handler(DELETE, 'v6 deletes by name or by id, not by both or neither'),
    ),
    row(
      'DeleteTopics: twice, also once by name and once by id: INVALID_REQUEST',
      scenario('DeleteTopics: a name twice'),
      scenario('DeleteTopics: one topic by its name and by its id'),
      handler(DELETE, 'an id given twice is answered once'),
    ),
    row(
      'DeleteTopics: an unknown name: UNKNOWN_TOPIC_OR_PARTITION; an unknown id: UNKNOWN_TOPIC_ID',
      scenario('DeleteTopics: by name'),
      scenario('DeleteTopics: by name and by id'),
    ),
    row(
      'DeleteTopics: turned off: TOPIC_DELETION_DISABLED, before 3 INVALID_REQUEST',
      handler(DELETE, 'v%i: delete.topic.enable=false refuses everything'),
    ),
    row(
      'DeleteTopics: no right: TOPIC_AUTHORIZATION_FAILED, with the name for who may describe it',
      handler(DELETE, 'without the right to delete, an id tells its name only to those who may describe the topic'),
      handler(DELETE, 'who may describe a topic, but not delete it, hears by its name whether there is one'),
    ),
    row('DeleteTopics: no time: REQUEST_TIMED_OUT', scenario('DeleteTopics: no time')),
    row('ElectLeaders: a type that is none: INVALID_REQUEST', handler(ELECT, 'type %i is none')),
    row(
      'ElectLeaders: nothing to elect: ELECTION_NOT_NEEDED, left out where all were meant',
      scenario('ElectLeaders: what needs no election, and what is not there'),
      handler(ELECT, 'without a list all partitions are meant, and those that needed none are left out'),
    ),
    row(
      'ElectLeaders: a preferred replica that is down: PREFERRED_LEADER_NOT_AVAILABLE; what is not there: UNKNOWN_TOPIC_OR_PARTITION',
      handler(ELECT, 'what is not there, and a preferred replica that is down'),
    ),
    row(
      'ElectLeaders: nobody to elect: ELIGIBLE_LEADERS_NOT_AVAILABLE',
      handler(ELECT, 'an unclean election is for partitions without a leader, and needs a replica that is up'),
    ),
    row(
      'ElectLeaders: no right, no time',
      handler(ELECT, 'needs ALTER of the cluster'),
      handler(ELECT, 'no time is too late, and nothing is begun'),
    ),
    row(
      'AlterPartitionReassignments: nothing to take back: NO_REASSIGNMENT_IN_PROGRESS',
      scenario('AlterPartitionReassignments: on one node'),
      handler(MOVE, 'what cannot be done, each with its own error'),
    ),
    row(
      'AlterPartitionReassignments: bad replicas: INVALID_REPLICA_ASSIGNMENT; what is not there: UNKNOWN_TOPIC_OR_PARTITION',
      scenario('AlterPartitionReassignments: on one node'),
      handler(MOVE, 'what cannot be done, each with its own error'),
    ),
    row(
      'AlterPartitionReassignments: another number of replicas where that is ruled out: INVALID_REPLICATION_FACTOR',
      handler(MOVE, 'a change of the replication factor can be ruled out; who is being added does not count'),
    ),
    row(
      'ListPartitionReassignments: what does not move, or is not there, is left out',
      handler(MOVE, 'a list names what was asked for, as often, and leaves out what does not move'),
    ),
    row(
      'DescribeLogDirs: what is not there is left out',
      scenario('DescribeLogDirs: of some topics'),
      handler(DIRECTORIES, 'what was asked for, each once; what does not exist is left out'),
    ),
    row(
      'DescribeLogDirs: a directory that has failed: KAFKA_STORAGE_ERROR',
      handler(DIRECTORIES, 'a directory that is offline has an error and nothing else'),
    ),
    row(
      'DescribeLogDirs: no right: CLUSTER_AUTHORIZATION_FAILED from 3 on, no results',
      handler(DIRECTORIES, 'without the right: an error from 3 on, and no results in any version'),
    ),
    row(
      'AlterReplicaLogDirs: an unknown directory: LOG_DIR_NOT_FOUND; where it is already: NONE',
      scenario('AlterReplicaLogDirs: to where it is, and to nowhere'),
      handler(REPLICAS, 'no directory has the path %j'),
    ),
    row(
      'AlterReplicaLogDirs: what is not there: UNKNOWN_TOPIC_OR_PARTITION',
      handler(REPLICAS, 'what does not exist is unknown, and its directory remembered'),
    ),
    row(
      'AlterReplicaLogDirs: no right: CLUSTER_AUTHORIZATION_FAILED in each partition',
      handler(REPLICAS, 'without the right each partition has the error'),
    ),
  ],
}
