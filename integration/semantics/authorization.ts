import { handler, row, type Section, test } from './row.ts'

const AUTHORIZER = 'packages/broker/src/acls/standard-authorizer.test.ts'

/** Who may do what; the rights that other sections name with their APIs are there. */
export const authorization: Section = {
  name: 'rights',
  rows: [
    row('super users may do everything', test(AUTHORIZER, 'super users may do what is denied to everybody')),
    row(
      'an ACL is for its principal or everybody, its host or every host, its operation or all',
      test(AUTHORIZER, 'an ALLOW gives its operation on its resource to its principal, from its host'),
      test(AUTHORIZER, 'a prefix, and the wildcard, are for every name that has it'),
    ),
    row(
      'what is denied is denied, however precisely it is allowed',
      test(AUTHORIZER, 'what is denied most generally is denied, however precisely it is allowed'),
    ),
    row(
      'what no ACL is about: by allow.everyone.if.no.acl.found',
      test(AUTHORIZER, 'everyone is allowed only what no ACL is about'),
    ),
    row(
      'some rights include others, where they are allowed',
      test(AUTHORIZER, 'to be allowed %s is to be allowed %s; to be denied it is not'),
    ),
    row(
      'Produce: WRITE of the topic, else TOPIC_AUTHORIZATION_FAILED, whether it is there or not',
      handler('00-produce', 'without the right the topic is hidden, existing or not'),
    ),
    row(
      'Produce: WRITE of the transactional id, else TRANSACTIONAL_ID_AUTHORIZATION_FAILED for the request',
      test(
        'packages/broker/src/produce/join-transaction.test.ts',
        'v%i: without transactional id, or the right to it, none is taken',
      ),
    ),
    row(
      'Fetch: READ of the topic, else TOPIC_AUTHORIZATION_FAILED; replicas CLUSTER_ACTION',
      handler('01-fetch', 'without the right a topic is hidden'),
      handler('01-fetch', 'CVE-2018-1288: a replica needs rights, and to be one; it may see what consumers may not'),
    ),
    row(
      'ListOffsets: DESCRIBE of the topic, else TOPIC_AUTHORIZATION_FAILED',
      handler('02-list-offsets', 'unknown topics and partitions, and what may not be described'),
    ),
    row(
      'OffsetForLeaderEpoch: DESCRIBE of the topic or CLUSTER_ACTION, else TOPIC_AUTHORIZATION_FAILED',
      handler('23-offset-for-leader-epoch', 'with the right %s alone'),
    ),
    row(
      'OffsetCommit: READ of the group, else GROUP_AUTHORIZATION_FAILED for all; READ of the topic, else TOPIC_AUTHORIZATION_FAILED',
      handler('08-offset-commit', 'rights: of the group for all rows, of a topic for its rows'),
    ),
    row(
      'OffsetFetch: DESCRIBE of the group, else GROUP_AUTHORIZATION_FAILED',
      handler('09-offset-fetch', 'v%i: an error of the group stands in every row'),
      handler('09-offset-fetch', 'v%i: an error of the group stands at the top'),
      handler('09-offset-fetch', 'v8: in its group'),
    ),
    row(
      'OffsetFetch: DESCRIBE of the topic, else TOPIC_AUTHORIZATION_FAILED, left out where all are meant',
      handler('09-offset-fetch', 'a topic by name is refused, among all it is passed over'),
    ),
    row(
      'FindCoordinator: DESCRIBE of the group, else GROUP_AUTHORIZATION_FAILED; of the transactional id, else TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      handler('10-find-coordinator', 'who may not describe the group hears so, key by key'),
      handler('10-find-coordinator', 'who may not describe the transactional id hears so'),
    ),
    row(
      'JoinGroup, SyncGroup, Heartbeat, LeaveGroup: READ of the group, else GROUP_AUTHORIZATION_FAILED',
      handler('11-join-group', 'who may not read the group does not join it'),
      handler('12-heartbeat', 'rights and nodes'),
      handler('13-leave-group', 'rights and nodes'),
      handler('14-sync-group', 'what is wrong'),
    ),
    row(
      'DescribeGroups: DESCRIBE of each group, else GROUP_AUTHORIZATION_FAILED',
      handler('15-describe-groups', 'rights and nodes, group by group'),
    ),
    row(
      'ListGroups: all with DESCRIBE of the cluster, else those that may be described; never an error',
      handler(
        '16-list-groups',
        'without the right to describe the cluster, only groups that may be described; never an error',
      ),
    ),
    row(
      'DeleteGroups, OffsetDelete: DELETE of the group, else GROUP_AUTHORIZATION_FAILED',
      handler('42-delete-groups', 'rights and nodes'),
      handler('47-offset-delete', 'rights: to delete the group, to read the topic'),
    ),
    row(
      'OffsetDelete: READ of the topic, else TOPIC_AUTHORIZATION_FAILED',
      handler('47-offset-delete', 'rights: to delete the group, to read the topic'),
    ),
    row(
      'InitProducerId: WRITE of the transactional id, else TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      handler('22-init-producer-id', 'what is refused before anything happens, transaction.max.timeout.ms included'),
    ),
    row(
      'InitProducerId without one: IDEMPOTENT_WRITE of the cluster or WRITE of some topic, else CLUSTER_AUTHORIZATION_FAILED',
      handler('22-init-producer-id', 'the right to write one topic is enough'),
    ),
    row(
      'AddPartitionsToTxn: WRITE of the transactional id, else TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      handler('24-add-partitions-to-txn', 'without the right to the transactional id'),
    ),
    row(
      'AddPartitionsToTxn: WRITE of all topics, else TOPIC_AUTHORIZATION_FAILED for these and OPERATION_NOT_ATTEMPTED for the others',
      handler('24-add-partitions-to-txn', 'one partition that cannot be added keeps out all'),
    ),
    row(
      'AddPartitionsToTxn from 4 on: CLUSTER_ACTION, else CLUSTER_AUTHORIZATION_FAILED',
      handler(
        '24-add-partitions-to-txn',
        'v%i: only of a broker, and with a transaction: Kafka does not answer without',
      ),
    ),
    row(
      'AddOffsetsToTxn: WRITE of the transactional id, else TRANSACTIONAL_ID_AUTHORIZATION_FAILED; READ of the group, else GROUP_AUTHORIZATION_FAILED',
      handler('25-add-offsets-to-txn', 'rights, to the transactional id first'),
    ),
    row(
      'EndTxn: WRITE of the transactional id, else TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      handler('26-end-txn', 'of another epoch, id or node, or without the right'),
    ),
    row(
      'TxnOffsetCommit: WRITE of the transactional id, READ of the group, READ of the topic, each with its error: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED',
      handler(
        '28-txn-offset-commit',
        'rights: of the transactional id and the group for all rows, of a topic for its rows',
      ),
    ),
    row(
      'WriteTxnMarkers: ALTER of the cluster or CLUSTER_ACTION, else CLUSTER_AUTHORIZATION_FAILED',
      handler('27-write-txn-markers', 'with the right %s alone'),
    ),
    row(
      'DeleteRecords: DELETE of the topic, else TOPIC_AUTHORIZATION_FAILED',
      handler('21-delete-records', 'what is refused'),
    ),
    row(
      'DescribeProducers: READ of the topic, else TOPIC_AUTHORIZATION_FAILED',
      handler('61-describe-producers', 'what is refused'),
    ),
    row(
      'DescribeTransactions: DESCRIBE of the transactional id, else TRANSACTIONAL_ID_AUTHORIZATION_FAILED; topics that may not be described are left out',
      handler(
        '65-describe-transactions',
        'rights to the id, and to the topics in it; another node is not the coordinator',
      ),
    ),
    row('ListTransactions: those that may be described', handler('66-list-transactions', 'only what may be described')),
    row(
      'ACLs: DESCRIBE of the cluster to see, ALTER to change, else CLUSTER_AUTHORIZATION_FAILED',
      handler('29-describe-acls', 'without the right to describe the cluster nothing is told'),
      handler('30-create-acls', 'without the right to alter the cluster no row is obeyed'),
      handler('31-delete-acls', 'without the right to alter the cluster nothing is deleted'),
    ),
    row(
      'quotas: DESCRIBE_CONFIGS and ALTER_CONFIGS of the cluster, else CLUSTER_AUTHORIZATION_FAILED',
      handler('48-describe-client-quotas', 'the right to describe configs of the cluster is asked for'),
      handler('49-alter-client-quotas', 'the right to alter configs of the cluster is asked for'),
    ),
    row(
      'elections, reassignments, features, brokers, voters: ALTER of the cluster, else CLUSTER_AUTHORIZATION_FAILED',
      handler('43-elect-leaders', 'needs ALTER of the cluster'),
      handler('45-alter-partition-reassignments', 'no topics, no time, no right'),
      handler('57-update-features', 'needs ALTER of the cluster'),
      handler('64-unregister-broker', 'needs ALTER of the cluster'),
      handler('80-add-raft-voter', 'all need ALTER of the cluster'),
    ),
    row(
      'DescribeQuorum: DESCRIBE of the cluster, else CLUSTER_AUTHORIZATION_FAILED',
      handler('55-describe-quorum', 'no topics are no error; the right to DESCRIBE the cluster is needed'),
    ),
    row(
      'DescribeCluster and Metadata tell no operation of the cluster to who may not describe it',
      handler('60-describe-cluster', 'who may not describe the cluster has no operation on it'),
      handler('03-metadata', 'who may not describe the cluster has no operation on it'),
    ),
  ],
}
