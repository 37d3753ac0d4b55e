import { absent, handler, row, type Section, scenario, test, transactionMachine } from './row.ts'

const INIT = '22-init-producer-id'
const ADD = '24-add-partitions-to-txn'
const ADD_OFFSETS = '25-add-offsets-to-txn'
const END = '26-end-txn'
const MARKERS = '27-write-txn-markers'
const COMMIT = '28-txn-offset-commit'
const LIST = '66-list-transactions'
const LOG = 'packages/log/src/contract/producers.contract.ts'
const OFFSETS = 'packages/broker/src/groups/transactional-offsets.test.ts'
const ACROSS = 'packages/broker/src/transactions/transactions-and-topics.test.ts'

const oneId = scenario('InitProducerId: of one transactional id')
const knowing = scenario('InitProducerId: that knows its id and epoch')
const strangers = scenario('AddPartitionsToTxn: of producers and strangers')
const severalAtOnce = scenario('AddPartitionsToTxn: of several transactions')
const offsetsStrangers = scenario('AddOffsetsToTxn: of producers and strangers')
const nothingToEnd = scenario('EndTxn: when there is nothing to end')
const commits = scenario('EndTxn: commits')
const aborts = scenario('EndTxn: aborts')
const markers = scenario('WriteTxnMarkers: of what is open and what is not')
const commitsOffsets = scenario('TxnOffsetCommit: with and without being added')
const producers = scenario('DescribeProducers: of partitions there and not')
const described = scenario('DescribeTransactions: open, complete and unknown ones')
const listed = scenario('ListTransactions: by state, by producer, by age, by pattern')

const begins: Section['rows'] = [
  row(
    'InitProducerId without a transactional id: a new producer each time, whatever else is asked',
    scenario('InitProducerId: without transactions'),
    handler(INIT, 'v%i: a new id each time, epoch 0'),
    handler(INIT, 'time-out, id and epoch of the request do not matter'),
  ),
  row(
    'InitProducerId: an empty one: INVALID_REQUEST; a time-out out of bounds: INVALID_TRANSACTION_TIMEOUT',
    oneId,
    handler(INIT, 'what is refused before anything happens, transaction.max.timeout.ms included'),
    transactionMachine('init-refused', 'No id, and the timeout at its limits.'),
  ),
  row(
    'InitProducerId: only one of id and epoch: INVALID_REQUEST',
    knowing,
    handler(INIT, '%j: an id and an epoch go together'),
    transactionMachine('init-recover', 'Only one of the two.'),
  ),
  row('InitProducerId 6: two-phase commits', handler(INIT, 'version 6 is not final in Kafka 4.4, and not served')),
  row(
    'InitProducerId: a new id begins with epoch 0, a known one goes on with the next',
    oneId,
    handler(INIT, 'v%i: an id of its own, and one epoch more each time'),
    transactionMachine('init-producer-id', 'A new transactional id: whatever the client holds, it begins anew.'),
    transactionMachine('init-producer-id', 'Again: the epoch rises, and who had the one before is fenced.'),
  ),
  row(
    'InitProducerId: with what it holds: the next epoch, once; a repeat the same again',
    knowing,
    handler(INIT, 'with what the producer holds its epoch rises; a repeat does not raise it again (KIP-360)'),
    transactionMachine('init-recover', 'The answer was lost: the same again, without another step.'),
  ),
  row(
    'InitProducerId: with what is gone: PRODUCER_FENCED, before 4 INVALID_PRODUCER_EPOCH',
    knowing,
    handler(INIT, 'v%i: whoever holds what is gone hears %i'),
    transactionMachine('init-recover', 'Another producer has come meanwhile.'),
  ),
  row(
    'InitProducerId: epochs that are used up: another producer id',
    transactionMachine('epochs-exhausted', 'Then another id takes over, at epoch 0.'),
  ),
  row(
    'InitProducerId: an open transaction is aborted first: CONCURRENT_TRANSACTIONS meanwhile',
    handler(INIT, 'an open transaction is aborted first, and the one after gets its epoch'),
    transactionMachine(
      'init-producer-id',
      'A transaction that goes on is aborted first; the client comes again until the markers are written.',
    ),
    transactionMachine('init-recover', 'In a transaction: aborted first, and one epoch in all.'),
  ),
  row(
    'InitProducerId: a changed time-out holds',
    transactionMachine('init-producer-id', 'A changed timeout is taken over.'),
  ),
  row('another node: NOT_COORDINATOR', handler(INIT, 'another node is not the coordinator')),
  row(
    'no producer id to be had: COORDINATOR_LOAD_IN_PROGRESS',
    handler(INIT, 'while no ids can be recorded as given away, the client is to try again'),
    transactionMachine('init-refused', 'No producer id can be had: the client comes again.'),
  ),
]

const additions: Section['rows'] = [
  row(
    'AddPartitionsToTxn: an unknown id or another producer: INVALID_PRODUCER_ID_MAPPING; another epoch: PRODUCER_FENCED, before 2 INVALID_PRODUCER_EPOCH',
    strangers,
    handler(ADD, 'v%i: another epoch is %i, another id no producer'),
    transactionMachine(
      'add-partitions',
      'Nobody knows the id; another producer; an old epoch, as its version says it.',
    ),
  ),
  row(
    'AddPartitionsToTxn: one that is not there: UNKNOWN_TOPIC_OR_PARTITION, the others OPERATION_NOT_ATTEMPTED',
    strangers,
    severalAtOnce,
    handler(ADD, 'one partition that cannot be added keeps out all'),
    handler(ADD, 'v%i: partitions that are not there keep out the others'),
  ),
  row('AddPartitionsToTxn: an empty id: INVALID_REQUEST', strangers, severalAtOnce),
  row(
    'AddPartitionsToTxn: the first begins the transaction; again is no error',
    strangers,
    handler(ADD, 'v%i: partitions begin a transaction, and more come into it'),
    transactionMachine(
      'add-partitions',
      'The first partition begins the transaction; those that are there need no record.',
    ),
  ),
  row(
    'AddPartitionsToTxn: while the one before is being ended: CONCURRENT_TRANSACTIONS',
    handler(ADD, 'while the transaction before is being ended, and elsewhere'),
    transactionMachine('add-partitions', 'While the end is being written, everybody has to wait.'),
  ),
  row(
    'AddPartitionsToTxn from 4 on: to be told only: TRANSACTION_ABORTABLE for what is not in it',
    severalAtOnce,
    handler(ADD, 'v%i: to be told only'),
    transactionMachine('add-partitions', 'Verifying adds nothing.'),
  ),
  row(
    'AddPartitionsToTxn from 4 on: no transactions, where Kafka never answers',
    handler(ADD, 'v%i: only of a broker, and with a transaction: Kafka does not answer without'),
  ),
  row(
    'AddOffsetsToTxn: the same errors: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, INVALID_PRODUCER_EPOCH, INVALID_REQUEST',
    offsetsStrangers,
    handler(ADD_OFFSETS, 'v%i: another epoch is %i, another id no producer'),
    transactionMachine('add-partitions', 'AddOffsetsToTxn has the same faults.'),
  ),
]

const ends: Section['rows'] = [
  row(
    'EndTxn: another producer: INVALID_PRODUCER_ID_MAPPING; another epoch: PRODUCER_FENCED, before 2 INVALID_PRODUCER_EPOCH',
    nothingToEnd,
    handler(END, 'of another epoch, id or node, or without the right'),
  ),
  row(
    'EndTxn: nothing to end: INVALID_TXN_STATE',
    nothingToEnd,
    transactionMachine('end-plain', 'Version 0 of transactions (EndTxn below 5): the epoch stays.'),
    transactionMachine(
      'end-bump',
      'Version 2 (KIP-890): every end raises the epoch, and the answer has it. Nothing was begun.',
    ),
  ),
  row(
    'EndTxn: again: the same answer; the other way: INVALID_TXN_STATE',
    commits,
    aborts,
    transactionMachine('end-plain', 'A repetition, and the other direction.'),
    handler(END, 'ends a transaction, %s, and says so again'),
  ),
  row(
    'EndTxn: while the markers are missing: CONCURRENT_TRANSACTIONS',
    handler(END, 'while the markers are missing'),
    handler(END, 'while the markers are missing a repeat waits, anything else is fenced'),
  ),
  row(
    'EndTxn from 5 on: the epoch of the next transaction, with an abort of nothing too',
    nothingToEnd,
    handler(END, 'ends a transaction, %s, and gives the next one its epoch'),
    handler(END, 'without a transaction an abort raises the epoch, a commit is refused'),
    transactionMachine('end-bump', 'Aborting nothing raises it too: records may be under way.'),
  ),
  row(
    'EndTxn from 5 on: the epoch before: the same answer once the transaction is complete, PRODUCER_FENCED while another is open',
    handler(END, 'a late request of the transaction before does not end the next one'),
    transactionMachine('end-bump', 'A late EndTxn never ends the next transaction.'),
    transactionMachine('end-bump', 'Commit, its repetitions, and the old epoch after that.'),
  ),
  row(
    'EndTxn from 5 on: epochs that are used up: another producer id, the markers under the last epoch',
    transactionMachine(
      'epochs-exhausted',
      'EndTxn under version 2: the answer has the successor, the markers the very last epoch.',
    ),
  ),
  row(
    'a transaction that is open for too long is aborted; its producer is fenced',
    transactionMachine(
      'timeouts',
      'What is open for longer than its timeout is aborted at the next look, every ten seconds, with a raised epoch.',
    ),
    transactionMachine(
      'timeouts',
      'The producer under version 2: its commit comes too late, its abort is answered as if repeated.',
    ),
    transactionMachine('timeouts', 'Under versions 0 and 1.'),
  ),
  row(
    'a transactional id that nobody uses is forgotten: INVALID_PRODUCER_ID_MAPPING',
    transactionMachine('expiry', 'An id that nobody uses is forgotten after a week, unless something is open.'),
    transactionMachine('expiry', 'Nothing is known of it any more.'),
  ),
  row(
    'errors of the log are told in the coordinator’s terms',
    transactionMachine('durability', 'The codes of other failures.'),
    transactionMachine(
      'durability',
      "A failed write: who waits is told in the coordinator's terms, no marker is written, and the log is the truth.",
    ),
  ),
  row(
    'a topic that is gone needs no marker, one that was made anew has nothing of the old',
    scenario('EndTxn: over a topic that was made anew'),
    test(ACROSS, 'a topic that is gone for good holds no transaction up'),
    test(ACROSS, 'a topic that is deleted and made again in a transaction has its own'),
  ),
]

const logs: Section['rows'] = [
  row(
    'WriteTxnMarkers: what is not there: UNKNOWN_TOPIC_OR_PARTITION',
    markers,
    handler(MARKERS, 'what is refused, partition by partition'),
  ),
  row(
    'WriteTxnMarkers: an older coordinator: TRANSACTION_COORDINATOR_FENCED; an older epoch: INVALID_PRODUCER_EPOCH',
    markers,
    handler(MARKERS, 'what is refused, partition by partition'),
    test(LOG, 'is not ended by a coordinator that another one has followed'),
  ),
  row(
    'WriteTxnMarkers: the same epoch appends a further marker, under version 2 only as a repeat',
    markers,
    handler(MARKERS, 'v1: the same epoch appends a further marker, open transaction or not'),
    handler(MARKERS, 'v2: the epoch of an open transaction is refused under version 2, and only there'),
    test(LOG, 'under version 2 takes a marker of its own epoch only as a repeat'),
  ),
  row(
    'the last stable offset waits for the marker',
    aborts,
    test(LOG, 'holds the last stable offset until its marker'),
  ),
  row(
    'an aborted transaction is told to readers of what it touched',
    aborts,
    test(LOG, 'that was aborted is told to readers of what it touched'),
  ),
  row(
    'a marker with a raised epoch forgets the sequence',
    test(LOG, 'ended with a raised epoch forgets the sequence and fences the old one'),
  ),
  row(
    'DescribeProducers: what is not there: UNKNOWN_TOPIC_OR_PARTITION; an illegal name: INVALID_TOPIC_EXCEPTION',
    producers,
    handler('61-describe-producers', 'what is refused'),
  ),
  row(
    'DescribeProducers: before, in and after a transaction',
    producers,
    handler('61-describe-producers', 'a producer before, in and after a transaction'),
  ),
]

const offsets: Section['rows'] = [
  row(
    'TxnOffsetCommit: another producer: INVALID_PRODUCER_ID_MAPPING; another epoch: INVALID_PRODUCER_EPOCH',
    commitsOffsets,
    handler(COMMIT, 'another producer id, an old and a later epoch, an id that nobody has, and ""'),
  ),
  row(
    'TxnOffsetCommit: a group that was not added: INVALID_TXN_STATE, in 4 TRANSACTION_ABORTABLE, from 5 on it is added',
    commitsOffsets,
    handler(COMMIT, "the group's partition is in the transaction, or is brought in, by version"),
  ),
  row(
    'TxnOffsetCommit: what is not there: UNKNOWN_TOPIC_OR_PARTITION; metadata that is too long: OFFSET_METADATA_TOO_LARGE',
    commitsOffsets,
    handler(COMMIT, 'rows keep their places: unknown ones, and metadata that is too long'),
  ),
  row('TxnOffsetCommit: no group id: INVALID_GROUP_ID', commitsOffsets),
  row(
    'TxnOffsetCommit from 3 on: a stranger: UNKNOWN_MEMBER_ID; another generation: ILLEGAL_GENERATION; an instance taken over: FENCED_INSTANCE_ID',
    handler(COMMIT, 'who, and of which generation'),
    handler(COMMIT, 'an instance that another member has taken over'),
    handler(COMMIT, 'a generation of a group that is not there'),
  ),
  row('TxnOffsetCommit of members of the newer protocols', absent('groups of those protocols are not built yet')),
  row(
    'TxnOffsetCommit while the log is being read: COORDINATOR_LOAD_IN_PROGRESS, before 2 COORDINATOR_NOT_AVAILABLE',
    handler(COMMIT, 'a coordinator that is still reading its log'),
  ),
  row(
    'offsets are committed with the transaction, and gone with it',
    handler(COMMIT, 'offsets of the transaction are committed with it, and only then'),
    handler(COMMIT, 'offsets of an aborted transaction are gone'),
    test(OFFSETS, 'a restart before and after the marker (committed: %s)'),
  ),
]

const seen: Section['rows'] = [
  row(
    'DescribeTransactions: an unknown one: TRANSACTIONAL_ID_NOT_FOUND; an empty id: INVALID_REQUEST',
    described,
    handler('65-describe-transactions', 'in order, one that is named twice twice; what is not there is said'),
  ),
  row(
    'DescribeTransactions: state, times and partitions',
    described,
    handler('65-describe-transactions', 'a transaction from its beginning to its end'),
  ),
  row(
    'ListTransactions: states in their very letters; those that are none are named',
    listed,
    handler(LIST, 'states are names in this very case, and unknown ones match nothing'),
  ),
  row(
    'ListTransactions: by producer and by duration',
    listed,
    handler(LIST, 'by producer id and by duration; what was never begun counts as very old'),
  ),
  row(
    'ListTransactions 2: a pattern for the whole id; one that is none: INVALID_REGULAR_EXPRESSION',
    listed,
    handler(LIST, 'v2: the whole id fits the pattern %j'),
    handler(LIST, 'v2: %j is no pattern'),
  ),
]

export const transactions: Section = {
  name: 'transactions',
  rows: [...begins, ...additions, ...ends, ...logs, ...offsets, ...seen],
}
