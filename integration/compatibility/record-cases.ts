import type { Case } from './case.ts'

const HANDLERS = 'packages/broker/src/handlers'
const TRANSACTION = 'packages/coordinators/src/transaction/scenarios'
const CONTRACT = 'packages/log/src/contract'
const SCENARIOS = 'integration/differential/scenarios'
const HERE = 'integration/compatibility'

/** Of what is produced, fetched and compacted. */
export const RECORD_CASES: readonly Case[] = [
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
]
