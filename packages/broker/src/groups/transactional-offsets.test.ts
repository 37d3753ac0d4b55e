import { partitionFor, type TxnOffsetCommitCommand } from '@odradek/coordinators'
import { nodeId, present, producerId } from '@odradek/core'
import { ErrorCode, OffsetFetch } from '@odradek/protocol'
import { readBatchHeader, readEndTransactionMarker, recordsOf } from '@odradek/records'
import { GroupFixture } from '../group-fixture.ts'

const NODE = nodeId(1)
const PRODUCER = producerId(4000n)
const OFFSETS_TOPIC = '__consumer_offsets'
/** Of the group `g`. */
const INDEX = partitionFor('g', 5)

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t', { partitions: 3 })
  await fixture.commit('g', { 2: 1 })
})

const log = () => present(fixture.partitions.find(present(fixture.cluster.topic(OFFSETS_TOPIC), ''), INDEX), '').log

async function commit(offset: number, change: Partial<TxnOffsetCommitCommand> = {}): Promise<ErrorCode> {
  const partition = { committedOffset: BigInt(offset), committedLeaderEpoch: -1, committedMetadata: '' }
  const response = await fixture.settle(
    fixture.groups.submit(NODE, 'g', {
      kind: 'TxnOffsetCommit',
      groupId: 'g',
      producerId: PRODUCER,
      producerEpoch: 0,
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [
        {
          name: 't',
          topicId: present(fixture.cluster.topic('t'), 't').id,
          partitions: [{ ...partition, partitionIndex: 0, commitTimestamp: -1n }],
        },
      ],
      ...change,
    }),
  )
  if (response.kind !== 'TxnOffsetCommit') throw new Error(response.kind)
  return present(response.topics[0]?.partitions[0], 'a row').errorCode
}

interface EndChange {
  readonly topic?: string
  readonly producerEpoch?: number
  readonly coordinatorEpoch?: number
  readonly transactionVersion?: number
}

function end(committed: boolean, change: EndChange = {}): Promise<ErrorCode> {
  const { markers } = fixture
  const { topic = OFFSETS_TOPIC, ...rest } = change
  const marker = { ...{ producerEpoch: 0, coordinatorEpoch: 3, transactionVersion: 0 }, ...rest }
  return fixture.settle(markers.end(topic, INDEX, { producerId: PRODUCER, committed, ...marker }))
}

async function stable(partitionIndex: number): Promise<number> {
  const request = { groupId: 'g', requireStable: true, topics: [{ name: 't', partitionIndexes: [partitionIndex] }] }
  const answer = await fixture.settle(fixture.by.send(OffsetFetch, 7, request))
  const [row] = present(answer?.topics[0], 'a topic').partitions
  return row?.errorCode === ErrorCode.NONE ? Number(row.committedOffset) : -Number(row?.errorCode)
}

async function batches() {
  const result = await log().read({ offset: log().startOffset, bytesMax: 1e6, atLeastOneBatch: true, bound: 'end' })
  if (!result.ok) throw new Error(result.error)
  const found = []
  for (let at = 0; at < result.records.length; ) {
    const header = readBatchHeader(result.records, at)
    const [record] = recordsOf(result.records, { maxDecompressedBytes: 1000 }, at)
    const marker = header.isControl && record ? readEndTransactionMarker(record.key, record.value) : null
    const { isTransactional, producerId: id, producerEpoch, baseSequence } = header
    found.push({ isTransactional, id, producerEpoch, baseSequence, marker })
    at += header.sizeBytes
  }
  result.release()
  return found
}

test("the log has Kafka's batches: plain, of the transaction, and its marker", async () => {
  await commit(5)
  expect(log().lastStableOffset).toBe(1)
  await end(true)
  const transactional = { isTransactional: true, id: PRODUCER, producerEpoch: 0 }
  expect(await batches()).toEqual([
    { isTransactional: false, id: -1n, producerEpoch: -1, baseSequence: -1, marker: null },
    { ...transactional, baseSequence: 0, marker: null },
    { ...transactional, baseSequence: -1, marker: { outcome: 'commit', coordinatorEpoch: 3 } },
  ])
  expect(log().lastStableOffset).toBe(3)
})

test.each([
  [true, 5],
  [false, -1],
])('a restart before and after the marker (committed: %s)', async (committed, expected) => {
  await commit(5)
  expect(await stable(0)).toBe(-ErrorCode.UNSTABLE_OFFSET_COMMIT)
  await fixture.restart()
  expect(await stable(0)).toBe(-ErrorCode.UNSTABLE_OFFSET_COMMIT)
  expect(await fixture.committed('g', [0, 2])).toEqual([-1, 1])
  expect(await end(committed)).toBe(ErrorCode.NONE)
  expect(await stable(0)).toBe(expected)
  await fixture.restart()
  expect(await stable(0)).toBe(expected)
})

test('another leader knows what is pending', async () => {
  await commit(5)
  await fixture.changePartitions(OFFSETS_TOPIC, 2)
  expect(await end(true)).toBe(ErrorCode.NONE)
  await fixture.changePartitions(OFFSETS_TOPIC, 1)
  expect(await stable(0)).toBe(5)
})

test('what comes under an old epoch is refused, and the machine lives on', async () => {
  await commit(5)
  expect(await end(false, { producerEpoch: 1 })).toBe(ErrorCode.NONE)
  expect(await commit(6)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
  expect(await end(true)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
  expect(await stable(0)).toBe(-1)
  expect(await commit(7, { producerEpoch: 1 })).toBe(ErrorCode.NONE)
  expect(await end(true, { producerEpoch: 1 })).toBe(ErrorCode.NONE)
  expect(await stable(0)).toBe(7)
})

test('a marker of an earlier coordinator, or under version 2 of the transaction before, is refused, and the machine lives on', async () => {
  await commit(5)
  expect(await end(true, { transactionVersion: 2 })).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
  expect(await end(true, { transactionVersion: 2, producerEpoch: 1 })).toBe(ErrorCode.NONE)
  expect(await end(true, { producerEpoch: 1, coordinatorEpoch: 2 })).toBe(ErrorCode.TRANSACTION_COORDINATOR_FENCED)
  expect(await end(true, { transactionVersion: 2, producerEpoch: 1 })).toBe(ErrorCode.NONE)
  expect(await stable(0)).toBe(5)
})

test('a marker that cannot be written is in nobody, and whoever asked for it hears what a leader would say', async () => {
  await commit(5)
  const append = jest.spyOn(log(), 'append').mockImplementation((_request, done) => {
    queueMicrotask(() => done({ ok: false, error: 'KAFKA_STORAGE_ERROR', logStartOffset: log().startOffset }))
  })
  expect(await end(true)).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  append.mockRestore()
  expect(await end(true)).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  fixture.clock.advance(1000)
  await fixture.turn()
  expect(await stable(0)).toBe(-ErrorCode.UNSTABLE_OFFSET_COMMIT)
  expect(await end(true)).toBe(ErrorCode.NONE)
  expect(await stable(0)).toBe(5)
})

test('a marker for a partition that does not exist has nothing to end', async () => {
  expect(await end(true, { topic: 'none' })).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  await fixture.changePartitions(OFFSETS_TOPIC, -1)
  expect(await end(true)).toBe(ErrorCode.LEADER_NOT_AVAILABLE)
})
