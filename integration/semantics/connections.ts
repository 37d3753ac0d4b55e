import { handler, row, type Section, scenario, test } from './row.ts'

const BROKER = 'packages/broker/src'
const CONNECTION = `${BROKER}/connection.test.ts`
const LIMITS = `${BROKER}/connection-limits.test.ts`
const QUOTAS = `${BROKER}/connection-quotas.test.ts`
const BAD_INPUT = `${BROKER}/connection-bad-input.test.ts`
const NODE_QUOTAS = `${BROKER}/quotas/node-quotas.test.ts`
const THROTTLED_FETCH = `${BROKER}/fetch/throttled-fetch.test.ts`
const CONTROLLER_QUOTAS = `${BROKER}/handlers/controller-quotas.test.ts`
const ENDS = '%s ends the connection with one line in the log, after the answers before it'

export const connections: Section = {
  name: 'connections and quotas',
  rows: [
    row(
      'answers come in the order of the requests',
      test(CONNECTION, 'Produce requests are begun together and answered in order'),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the title as it is written there
      test(CONNECTION, '${count} pipelined requests are answered in order, with little of them in memory'),
    ),
    row(
      'a request that waits holds up those behind it on its connection',
      test(CONNECTION, 'requests behind one that waits are not begun, nor read without bound'),
      test(CONNECTION, 'a Produce request does not overtake another one that waits'),
    ),
    row(
      'over a quota: answered at once, with the time for which nothing more is served',
      test(LIMITS, 'a throttled connection is answered first and then not served for that time'),
      test(QUOTAS, 'a producer over its quota hears of it in the answer and is then not served'),
      test(QUOTAS, 'a version without a throttle time is answered at once too'),
    ),
    row(
      'of several quotas the longest time counts',
      test(QUOTAS, 'of several throttle times the one that ends last counts'),
      test(NODE_QUOTAS, 'the longest of several throttle times counts'),
    ),
    row(
      'Produce without an answer counts for the quota of bytes, not for that of time',
      test(QUOTAS, 'acks 0 gets no answer, and is held up all the same'),
      test(NODE_QUOTAS, 'acks 0 counts for bytes, not for time; what brokers ask each other for counts for neither'),
    ),
    row(
      'Fetch over the quota: empty answers, whose bytes do not count, and no more at once than the window holds',
      test(THROTTLED_FETCH, 'v%i: at most a window’s worth at once, then empty answers until it is paid'),
      test(THROTTLED_FETCH, 'a session goes on over empty answers: its epoch advances, its records come later'),
      test(NODE_QUOTAS, 'a consumer limited to 1 MB/s stays within 5 % of it, and what is refused does not count'),
    ),
    row(
      'over the quota of changes: THROTTLING_QUOTA_EXCEEDED in versions that know it, else done and slowed down',
      test(CONTROLLER_QUOTAS, 'CreateTopics %i'),
      test(CONTROLLER_QUOTAS, 'DeleteTopics %i'),
      test(CONTROLLER_QUOTAS, 'CreatePartitions %i'),
      test(NODE_QUOTAS, 'permissive: everything is done, and the client slowed down'),
    ),
    row(
      'a fault of the broker’s own: what Kafka answers to one, or the end of the connection that met it',
      test(BAD_INPUT, 'a handler that throws costs its own connection, and says so'),
      test(`${BROKER}/harness.test.ts`, 'a handler that throws answers what it says for a bug, or closes'),
    ),
    row(
      'requests that a Kafka never answers are answered',
      handler('00-produce', '%s', 'null records, which Kafka never answers'),
      handler('11-join-group', 'a member that names a protocol twice is answered, where Kafka is silent'),
      handler('33-alter-configs', 'a resource named twice, which Kafka never answers, is refused in both rows'),
    ),
    row(
      'an idle connection is closed',
      test(
        LIMITS,
        'connections.max.idle.ms: an idle connection is closed after its time; one that waits for an answer is not',
      ),
    ),
    row(
      'what is no request ends the connection',
      test(BAD_INPUT, ENDS, 'a negative size'),
      test(BAD_INPUT, ENDS, 'one byte more than socket.request.max.bytes'),
      test(BAD_INPUT, ENDS, 'an unknown key'),
      test(BAD_INPUT, ENDS, 'a version too high'),
      test(BAD_INPUT, ENDS, 'a body cut short'),
      test(BAD_INPUT, 'bytes behind the body are ignored'),
    ),
    row(
      'ApiVersions of a version to come: answered in version 0 with the versions that there are, and the connection goes on',
      test(BAD_INPUT, 'ApiVersions %i is answered in version 0, and the connection goes on'),
    ),
    row(
      'ApiVersions of a client with a bad name: INVALID_REQUEST, and a later one is answered',
      scenario('ApiVersions: names of clients'),
      handler('18-api-versions', 'software %j version %j is an invalid request with no keys'),
    ),
    row(
      'ApiVersions: what is served, whoever asks',
      handler('18-api-versions', 'v%i lists exactly what has a handler'),
    ),
    row(
      'ApiVersions of who means another cluster or node: REBOOTSTRAP_REQUIRED',
      handler('18-api-versions', 'v5 asked for cluster %j and node %i answers %i'),
    ),
  ],
}
