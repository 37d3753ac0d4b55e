import { absent, handler, row, type Section, scenario, test } from './row.ts'

const FETCH = '01-fetch'
const SESSIONS = 'packages/broker/src/fetch/fetch-sessions.test.ts'
const NEAR = 'packages/broker/src/fetch/near-replica.test.ts'
const READS = 'packages/log/src/contract/reads.contract.ts'
const OFFSETS = '02-list-offsets'
const EPOCHS = '23-offset-for-leader-epoch'
const DELETE = '21-delete-records'

const begin = scenario('Fetch: where to begin')
const howMuch = scenario('Fetch: how much')
const missing = scenario('Fetch: topics that are not there')
const leaderEpochs = scenario('Fetch: epochs of the leader')
const cannotBe = scenario('Fetch: bounds, modes and replicas that cannot be')
const twice = scenario('Fetch: a partition twice, and rows that are refused')
const inSessions = scenario('Fetch: sessions')
const times = scenario('ListOffsets: special and other timestamps')
const places = scenario('ListOffsets: empty, missing and repeated partitions')
const ends = scenario('OffsetForLeaderEpoch: ends of epochs')
const upTo = scenario('DeleteRecords: up to an offset')

const waits: Section['rows'] = [
  row(
    'answered at once with nothing to wait for, an error in what was read, or enough bytes',
    handler(FETCH, 'no partitions, no waiting'),
    handler(FETCH, 'does not wait when a partition that was read has an error; those refused before do not count'),
    handler(FETCH, 'counts of each partition only what it may give'),
  ),
  row(
    'else it waits for bytes, another leader, or its time',
    handler(FETCH, 'ends at once with an append'),
    handler(FETCH, 'ends when its time is over, and not before'),
    handler(FETCH, 'waits for min_bytes over all partitions'),
    handler(FETCH, 'a new leader ends the wait'),
    handler(FETCH, 'a deleted topic ends the wait'),
  ),
  row('more wanted than may come: no more than that', handler(FETCH, 'min_bytes above max_bytes is no more than that')),
]

const reads: Section['rows'] = [
  row(
    'the first partition with data gives a batch however small the limits, the later ones what fits',
    howMuch,
    handler(FETCH, 'the first partition with data gives a batch however small the limits, the later ones what fits'),
    handler(FETCH, 'fetch.max.bytes of the broker holds whatever the client says'),
  ),
  row(
    'batches come whole, from the one that holds the offset',
    begin,
    handler(FETCH, 'every offset of a batch gives the whole batch'),
    handler(FETCH, 'only whole batches, up to the limit of the partition'),
  ),
  row('an answer ends with the segment', test(READS, 'ends with a segment and goes on in the next')),
  row(
    'negative limits, an isolation level that is none: UNKNOWN_SERVER_ERROR',
    cannotBe,
    handler(FETCH, 'negative limits are an unknown error where there is data'),
    handler(FETCH, 'an isolation level other than 0 and 1 is an unknown error everywhere'),
  ),
  row(
    'rows in their order, those refused without reading last; a partition twice: once',
    twice,
    handler(FETCH, 'rows keep their order, those refused without reading come last'),
    handler(FETCH, 'a partition that comes twice counts once, with its last row'),
  ),
  row(
    'before the start or past the end: OFFSET_OUT_OF_RANGE; at the end: nothing',
    begin,
    handler(
      FETCH,
      'at the end there is nothing, and never null; past it and before the start the offset is out of range',
    ),
  ),
  row(
    'between what consumers see and the end: nothing',
    handler(FETCH, 'what waits for the device is not seen yet'),
    handler(FETCH, 'what acks=1 brings while too few are in sync is seen when enough are again'),
  ),
  row(
    'committed records: up to the last stable offset, with the aborted transactions in them; else null in their place',
    scenario('Fetch: isolation'),
    scenario('EndTxn: aborts'),
    handler(FETCH, 'read_committed has a list of aborted transactions, empty, with and without data'),
    test(
      'packages/broker/src/transactions/transactions-and-topics.test.ts',
      'readers of committed records see the end of a transaction, not its middle',
    ),
  ),
  row(
    'an older epoch of the leader: FENCED_LEADER_EPOCH; a newer one: UNKNOWN_LEADER_EPOCH',
    leaderEpochs,
    handler(
      FETCH,
      'epochs: an older one is fenced, a newer one unknown, -1 not looked at; before the question who leads',
    ),
    handler(FETCH, 'v16: who is fenced is told who leads'),
  ),
  row(
    'a last epoch beyond its end diverges; one that is unknown: OFFSET_OUT_OF_RANGE',
    scenario('Fetch: the last epoch that was fetched'),
    handler(FETCH, 'the last epoch that was fetched: one beyond its end diverges, an unknown one is out of range'),
  ),
  row(
    'no replica here: NOT_LEADER_OR_FOLLOWER, from 16 on with who leads',
    handler(FETCH, 'v%i: a node that has no replica says so, from version 16 with the leader'),
  ),
  row(
    'a follower answers consumers from 11 on',
    handler(FETCH, 'v%i: a follower answers consumers with %i'),
    test(NEAR, 'versions before 11 know no rack, and followers do not serve them'),
  ),
  row(
    'a consumer in the rack of a replica is sent there, without records',
    test(NEAR, 'v%i: a consumer is sent to a replica in its rack, at once and without records'),
    test(NEAR, 'without the selector everybody reads from the leader'),
  ),
  row(
    'a missing or illegal name, or partition: UNKNOWN_TOPIC_OR_PARTITION; an unknown id: UNKNOWN_TOPIC_ID',
    missing,
    twice,
    handler(FETCH, 'an unknown topic id is that; a missing partition of a known one is unknown'),
  ),
  row(
    'a log that is broken: KAFKA_STORAGE_ERROR, before 6 NOT_LEADER_OR_FOLLOWER',
    handler(FETCH, 'v%i: a broken log is %i'),
  ),
  row(
    'a replica that is none: NOT_LEADER_OR_FOLLOWER',
    cannotBe,
    handler(FETCH, 'CVE-2018-1288: a replica needs rights, and to be one; it may see what consumers may not'),
  ),
  row(
    'tiered: OFFSET_MOVED_TO_TIERED_STORAGE',
    absent('followers alone hear it, of storage that is not built; docs/configs.md says so of its keys'),
  ),
]

const sessions: Section['rows'] = [
  row(
    'a full request makes a session, and names it',
    inSessions,
    test(SESSIONS, 'a full answer has every partition, the ones after it only what is new'),
  ),
  row(
    'an unknown session, or none with an epoch: FETCH_SESSION_ID_NOT_FOUND',
    inSessions,
    test(SESSIONS, '%s', 'an unknown id'),
    test(SESSIONS, '%s', 'no id, but an epoch'),
  ),
  row(
    'another epoch: INVALID_FETCH_SESSION_EPOCH, and the session is what it was',
    inSessions,
    test(SESSIONS, 'epoch %i where 1 is due leaves the session as it was'),
  ),
  row(
    'by name in a session by id, or the other way: FETCH_SESSION_TOPIC_ID_ERROR',
    test(SESSIONS, 'a session by id is not used by name, nor the other way round'),
  ),
  row(
    'the last epoch closes it; epoch 0 with its id replaces it',
    inSessions,
    test(SESSIONS, 'the final epoch closes and opens none; closing an unknown session is no error'),
    test(SESSIONS, 'epoch 0 with an id replaces that session'),
  ),
  row('after the largest epoch comes 1', test(SESSIONS, 'after the largest epoch comes 1')),
  row(
    'partitions come in and leave; without any it is closed',
    test(SESSIONS, 'partitions are added and forgotten; a session that has none left is closed'),
  ),
  row(
    'only what is new is told: records, watermarks, errors and that they are over',
    inSessions,
    test(SESSIONS, 'a new high watermark or log start is told without records'),
    test(SESSIONS, 'errors are told each time, and so is that they are over'),
  ),
  row(
    'who had records goes to the end, but not in the first answer',
    test(SESSIONS, 'a partition that gave records goes to the end, but not in the answer that makes the session'),
    test(SESSIONS, 'no partition starves behind another when there is room for only one'),
  ),
  row(
    'an id that nobody knows yet stays: UNKNOWN_TOPIC_ID; a topic that is deleted: UNKNOWN_TOPIC_OR_PARTITION; made anew: INCONSISTENT_TOPIC_ID',
    test(SESSIONS, 'an id that nobody knows stays and is answered until it is known'),
    test(SESSIONS, 'a topic that is deleted becomes unknown, and inconsistent once its name is taken again'),
  ),
  row(
    'a full cache: no session, but for who is larger than one that is old',
    test(
      SESSIONS,
      'max.incremental.fetch.session.cache.slots: a client that opens a session with each poll fills the cache and no more',
    ),
    test(SESSIONS, 'what was idle for two minutes makes place, the longest idle first'),
    test(SESSIONS, 'an old session makes place for a larger one, not for one of its size, though it is in use'),
  ),
]

const offsets: Section['rows'] = [
  row(
    'ListOffsets: the end, the start, and the first record that is not older',
    times,
    handler(OFFSETS, 'v%i: latest is the end, earliest the start'),
    handler(OFFSETS, 'the first record that is not older, record by record, in any order (%s)'),
  ),
  row(
    'ListOffsets: the largest timestamp',
    times,
    handler(OFFSETS, 'the largest timestamp is the first record that has it'),
  ),
  row(
    'ListOffsets: of tiers: the start, or nowhere',
    times,
    handler(OFFSETS, 'there is no tiered storage: earliest local is the start, the others are nowhere'),
  ),
  row(
    'ListOffsets: a special time that is none, or not yet: UNSUPPORTED_VERSION',
    times,
    handler(OFFSETS, '%i is served from version %i on'),
    handler(OFFSETS, '%i is no time'),
  ),
  row(
    'ListOffsets: nothing found: no offset and no error',
    times,
    handler(OFFSETS, 'what waits for the device is neither the end nor found, but for a replica'),
  ),
  row(
    'ListOffsets: what is not there: UNKNOWN_TOPIC_OR_PARTITION',
    places,
    handler(OFFSETS, 'unknown topics and partitions, and what may not be described'),
  ),
  row(
    'ListOffsets: a partition twice: INVALID_REQUEST',
    places,
    handler(OFFSETS, 'a partition that is named twice, in one row'),
  ),
  row(
    'ListOffsets: another leader: NOT_LEADER_OR_FOLLOWER; other epochs: FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH',
    places,
    handler(OFFSETS, 'another node than the leader, and other epochs'),
  ),
  row(
    'ListOffsets: a leader that does not know yet what is committed: OFFSET_NOT_AVAILABLE',
    absent('a leader here knows it from its start: the nodes of a process share their logs'),
  ),
  row(
    'ListOffsets: an isolation level that is none: UNKNOWN_SERVER_ERROR',
    handler(OFFSETS, 'an isolation level other than 0 and 1'),
  ),
  row(
    'OffsetForLeaderEpoch: the largest epoch that is not above, and its end; none for one that is unknown',
    ends,
    handler(EPOCHS, 'v%i: where an epoch ends'),
    handler(EPOCHS, 'the largest epoch that is not above the one asked for'),
    handler(EPOCHS, "the leader's own epoch ends where the log does, records or not"),
  ),
  row(
    'OffsetForLeaderEpoch: other epochs of the leader: FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH',
    ends,
    handler(EPOCHS, 'the epoch that the client believes in is compared'),
  ),
  row(
    'OffsetForLeaderEpoch: what is not there: UNKNOWN_TOPIC_OR_PARTITION; another leader: NOT_LEADER_OR_FOLLOWER',
    ends,
    handler(EPOCHS, 'what is refused'),
  ),
  row(
    'DeleteRecords: the log begins there; below the start nothing happens',
    upTo,
    handler(DELETE, 'v%i: the log begins at the offset from then on'),
    handler(DELETE, 'below the start nothing happens, and that is success'),
    handler(DELETE, '-1 is everything that consumers may see'),
  ),
  row('DeleteRecords: past the end, or negative: OFFSET_OUT_OF_RANGE', upTo, handler(DELETE, '%i is out of range')),
  row(
    'DeleteRecords: of a topic that is only compacted: POLICY_VIOLATION',
    scenario('DeleteRecords: of a topic that is compacted'),
    handler(DELETE, 'a topic that is only compacted is not cut'),
  ),
  row(
    'DeleteRecords: an internal topic: INVALID_TOPIC_EXCEPTION; what is not there: UNKNOWN_TOPIC_OR_PARTITION',
    upTo,
    handler(DELETE, 'what is refused'),
  ),
  row(
    'DeleteRecords: a partition twice: one row',
    handler(DELETE, 'a partition that is named twice has one row, the last'),
  ),
]

export const fetching: Section = {
  name: 'Fetch, sessions, ListOffsets, OffsetForLeaderEpoch, DeleteRecords',
  rows: [...waits, ...reads, ...sessions, ...offsets],
}
