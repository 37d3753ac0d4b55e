import { handler, row, type Section, scenario, test } from './row.ts'

const PRODUCE = '00-produce'
const RULES = 'packages/records/src/produce/validate-produced.test.ts'
const JOIN = 'packages/broker/src/produce/join-transaction.test.ts'
const LOG = 'packages/log/src/contract/producers.contract.ts'

const batches = scenario('Produce: batches')
const missing = scenario('Produce: topics that are not there')
const damaged = scenario('Produce: damaged batches')
const none = scenario('Produce: batches whose records are none')
const severalFaults = scenario('Produce: which fault counts of several')
const sequences = scenario('Produce: sequences of an idempotent producer')
const inTransaction = scenario('Produce: in and out of a transaction')

const requests: Section['rows'] = [
  row(
    'acks that are none: INVALID_REQUIRED_ACKS, but for partitions that were refused before',
    batches,
    severalFaults,
    handler(PRODUCE, '%i is refused in every row, but rows refused before keep their error'),
  ),
  row(
    'without acks: no answer, and an error ends the connection',
    handler(PRODUCE, '0 has no answer, and the next request is answered'),
    handler(PRODUCE, '0 with %s ends the connection', 'an unknown topic'),
    handler(PRODUCE, '0 with %s ends the connection', 'a corrupt batch'),
  ),
  row(
    'acks of all with too few replicas in sync: NOT_ENOUGH_REPLICAS, nothing appended; never with as many as there are',
    handler(PRODUCE, '-1 with too few replicas in sync appends nothing; 1 does'),
    handler(PRODUCE, 'min.insync.replicas never asks for more than the partition has'),
  ),
  row(
    'acks of all, too few in sync afterwards: NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    handler(PRODUCE, '-1 learns of a replica that fell out while the batch was on its way'),
  ),
  row(
    'acks of all, not in time: REQUEST_TIMED_OUT, and the batch stays',
    handler(PRODUCE, '-1 hears after its time-out that the device is late, and the batch stays'),
  ),
  row(
    'nothing to produce: an empty answer',
    missing,
    handler(PRODUCE, 'no topics, or a topic without partitions, is an empty answer'),
  ),
  row(
    'a partition twice: one row, the last one’s records',
    batches,
    handler(PRODUCE, "a partition that comes twice has one row, with the last one's records"),
  ),
  row(
    'no batch, part of one, or two: INVALID_RECORD',
    damaged,
    handler(PRODUCE, '%s', 'empty records'),
    handler(PRODUCE, '%s', 'null records, which Kafka never answers'),
    handler(PRODUCE, '%s', 'a cut batch'),
    handler(PRODUCE, '%s', 'two batches'),
  ),
  row(
    'formats of old in a version that has none: INVALID_RECORD; a format to come: CORRUPT_MESSAGE',
    damaged,
    handler(PRODUCE, '%s', 'format 0'),
    handler(PRODUCE, '%s', 'format 1'),
    handler(PRODUCE, '%s', 'an unknown format'),
  ),
  row(
    'a length that no batch has: CORRUPT_MESSAGE',
    damaged,
    handler(PRODUCE, '%s', 'a length field below 14'),
    handler(PRODUCE, '%s', 'a negative length field'),
  ),
  row(
    'fewer bytes behind a batch than begin another do not count',
    damaged,
    handler(PRODUCE, 'fewer than 17 bytes behind the batch are ignored'),
    test(RULES, 'what follows the batch, too short for another one, is cut off'),
  ),
  row(
    'before 7: UNSUPPORTED_COMPRESSION_TYPE for zstd',
    handler(PRODUCE, 'zstd before version 7 is an unsupported codec'),
  ),
  row(
    'a name that is missing or illegal: UNKNOWN_TOPIC_OR_PARTITION; an id: UNKNOWN_TOPIC_ID',
    missing,
    handler(PRODUCE, 'no topic can have the name %j'),
    handler(PRODUCE, 'an unknown topic id is that, a missing partition of a known one is unknown'),
  ),
  row(
    'another node leads: NOT_LEADER_OR_FOLLOWER, from 10 on with who does',
    handler(PRODUCE, 'v%i: another node says so, and from version 10 who leads'),
  ),
  row(
    'an internal topic: INVALID_TOPIC_EXCEPTION, but for the admin client',
    handler(PRODUCE, 'internal topics take nothing from clients but the admin client'),
  ),
]

const validation: Section['rows'] = [
  row(
    'the first fault in the order of the checks',
    severalFaults,
    handler(PRODUCE, 'a base offset other than 0 comes before a batch that is too large'),
    test(RULES, 'a wrong checksum is refused before anything is looked at'),
  ),
  row('a base offset: INVALID_RECORD', damaged, test(RULES, '%s is refused', 'a base offset')),
  row(
    'a batch too large as it comes: MESSAGE_TOO_LARGE',
    scenario('Produce: too large'),
    handler(PRODUCE, 'max.message.bytes counts the whole batch as compressed, header included'),
    test(RULES, 'the size limit counts the whole batch, compressed'),
  ),
  row(
    'a batch too large once it is compressed anew: MESSAGE_TOO_LARGE',
    test(RULES, 'what grows past the limit when it is compressed anew is refused'),
  ),
  row(
    'a batch larger than a segment: RECORD_LIST_TOO_LARGE',
    scenario('Produce: larger than a segment'),
    test('packages/log/src/contract/appends.contract.ts', 'refuses a batch larger than a segment, and only it'),
  ),
  row('a wrong checksum: CORRUPT_MESSAGE', damaged, handler(PRODUCE, 'a wrong checksum is a corrupt message')),
  row(
    'no records, a count that is not theirs, a control batch, a producer without a sequence: INVALID_RECORD',
    none,
    handler(PRODUCE, 'a control batch is invalid'),
    test(RULES, '%s is refused', 'no records'),
    test(RULES, '%s is refused', 'a count that is not that of its offsets'),
    test(RULES, '%s is refused', 'a producer without a sequence'),
  ),
  row(
    'records that cannot be read: INVALID_RECORD',
    none,
    test(RULES, 'a broken plain record is refused'),
    handler(PRODUCE, 'under full validation a compressed batch of junk is refused, under batch it is stored'),
  ),
  row(
    'a codec that is none, or bytes that are not of it: UNKNOWN_SERVER_ERROR',
    none,
    scenario('Produce: batches that are not of their codec'),
    test(RULES, '%s is refused', 'codec 5'),
  ),
  row(
    'an untrue largest timestamp is put right',
    test(RULES, 'an untrue largest timestamp of plain records is corrected in place'),
  ),
  row(
    'no key where a key must be: INVALID_RECORD, from 8 on with each such record',
    scenario('Produce: no keys where keys must be'),
    handler(PRODUCE, 'records without a key on a compacted topic are each named, from version 8 on'),
  ),
  row(
    'a time out of bounds: INVALID_TIMESTAMP, from 8 on with each such record',
    scenario('Produce: timestamps out of bounds'),
    handler(PRODUCE, 'timestamps too far ahead are refused'),
    test(RULES, 'create time of a %s batch up to an hour ahead passes, a millisecond more does not'),
    test(RULES, 'create time of a %s batch as far back as the topic says passes, a millisecond more does not'),
  ),
  row(
    'a batch that claims the time of the append: INVALID_TIMESTAMP where the broker sets it',
    scenario('Produce: what batches claim of their time'),
    test(RULES, 'log-append time is nothing that a producer may claim'),
  ),
  row(
    'the time of the append is answered where the broker sets it',
    scenario('Produce: the time of the append'),
    handler(PRODUCE, 'a topic of log-append time answers the time of the append'),
  ),
  row(
    'a topic with a codec of its own stores in that',
    handler(PRODUCE, 'a topic with a codec of its own stores in that'),
    test(RULES, 'a topic with a codec of its own stores every batch in that'),
  ),
  row(
    'partitions are independent of each other',
    batches,
    handler(PRODUCE, 'several topics and partitions each have their own outcome'),
  ),
]

const idempotence: Section['rows'] = [
  row(
    'one of the last five batches again: its own offset, and not stored',
    sequences,
    handler(PRODUCE, 'one of the last five batches again has its own offset and is not stored'),
    test(LOG, 'gets the original answer for a repeat of one of its last five batches'),
  ),
  row(
    'after the largest sequence comes 0',
    scenario('Produce: sequences start again after the largest'),
    test(LOG, 'goes on with 0 after the largest sequence, also within a batch'),
  ),
  row(
    'a gap, part of a batch again, or one that is forgotten: OUT_OF_ORDER_SEQUENCE_NUMBER',
    sequences,
    handler(PRODUCE, 'a gap is out of order, an older epoch fenced, a newer one begins with 0'),
  ),
  row(
    'an older epoch: INVALID_PRODUCER_EPOCH; a newer one begins with 0, else OUT_OF_ORDER_SEQUENCE_NUMBER',
    sequences,
    handler(PRODUCE, 'a gap is out of order, an older epoch fenced, a newer one begins with 0'),
  ),
  row(
    'an unknown producer begins anywhere',
    sequences,
    handler(PRODUCE, 'an unknown producer may begin anywhere'),
    test(LOG, 'may begin anywhere when nothing is known of it'),
  ),
  row(
    'a producer is forgotten after its time, not with its records',
    test(LOG, 'is forgotten after its time, which may change while the log is open; an open transaction is not'),
  ),
  row(
    'a plain batch of a producer with an open transaction: INVALID_TXN_STATE',
    inTransaction,
    test(JOIN, 'a plain batch of a producer with an open transaction'),
    test(LOG, 'forbids its producer plain batches'),
  ),
  row(
    'a partition that is not in the transaction: INVALID_TXN_STATE, in 11 TRANSACTION_ABORTABLE, from 12 on it is added',
    inTransaction,
    test(JOIN, 'v%i: one that was not added is %i'),
    test(JOIN, 'each once'),
  ),
  row(
    'two producers or two epochs in a request: INVALID_PRODUCER_ID_MAPPING for all',
    test(JOIN, 'v%i: two producers or two epochs are refused together'),
  ),
  row(
    'another producer, or nobody’s transactional id: INVALID_PRODUCER_ID_MAPPING; another epoch: INVALID_PRODUCER_EPOCH',
    inTransaction,
    test(JOIN, 'of another epoch, another id, an unknown or an empty transactional id'),
  ),
  row(
    'while the markers of the transaction before are missing: CONCURRENT_TRANSACTIONS after a while, or NOT_ENOUGH_REPLICAS',
    test(JOIN, 'v%i: while the markers are missing it is asked %i times, then the answer is %i'),
  ),
  row(
    'no coordinator: NOT_ENOUGH_REPLICAS, so that the client tries again',
    test(JOIN, 'v%i: none at all is tried again'),
  ),
  row(
    'transactional batches without a transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED for the request',
    inTransaction,
    scenario('Produce: control and transactional batches that do not belong'),
    test(JOIN, 'v%i: without transactional id, or the right to it, none is taken'),
  ),
  row(
    'plain batches beside a transactional id are plain',
    test(JOIN, 'plain batches beside transactional ones are stored as such'),
  ),
  row(
    'a transaction that begins in a partition begins with sequence 0, from 12 on',
    test(JOIN, 'a producer that is unknown begins with sequence 0'),
    test(LOG, 'under version 2 begins with sequence 0 where its producer is unknown'),
  ),
]

export const producing: Section = { name: 'Produce', rows: [...requests, ...validation, ...idempotence] }
