import type { TransactionCommand, TransactionResponse } from '@odradek/coordinators'
import { nodeId, present, producerId } from '@odradek/core'
import { ErrorCode, OffsetFetch, TxnOffsetCommit, type TxnOffsetCommitRequestInput } from '@odradek/protocol'
import { GroupFixture } from '../group-fixture.ts'

const NODE = nodeId(1)
const VERSIONS = [0, 1, 2, 3, 4, 5, 6]
const UNKNOWN_ID = 'Zm9vYmFyYmF6cXV4cXV1eA'

interface Producer {
  readonly producerId: bigint
  readonly producerEpoch: number
}

let fixture: GroupFixture
let producer: Producer

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t', { partitions: 3 })
  await fixture.createTopic('__transaction_state')
  await fixture.createTopic('__consumer_offsets', { partitions: 5 })
  producer = await init()
})

async function submit(command: TransactionCommand): Promise<TransactionResponse> {
  const response = await fixture.settle(fixture.transactions.submit(NODE, 'tx', command))
  if ('errorCode' in response) expect(response.errorCode).toBe(ErrorCode.NONE)
  return response
}

async function init(): Promise<Producer> {
  const response = await submit({
    kind: 'InitProducerId',
    transactionalId: 'tx',
    transactionTimeoutMs: 60_000,
    producerId: producerId(-1n),
    producerEpoch: -1,
    newProducerId: null,
    knowsProducerFenced: true,
  })
  if (response.kind !== 'InitProducerId') throw new Error(response.kind)
  return response
}

const ofProducer = () => ({
  transactionalId: 'tx',
  producerId: producerId(producer.producerId),
  producerEpoch: producer.producerEpoch,
  knowsProducerFenced: true,
})

async function addOffsets(groupId = 'g'): Promise<void> {
  const offsetsPartitionIndex = present(fixture.groups.partitionOf(groupId), 'the topic is there')
  await submit({ kind: 'AddOffsetsToTxn', ...ofProducer(), offsetsPartitionIndex })
}

async function end(committed: boolean, clientTransactionVersion: 0 | 2 = 0): Promise<void> {
  const response = await submit({
    kind: 'EndTxn',
    ...ofProducer(),
    committed,
    newProducerId: null,
    clientTransactionVersion,
  })
  if (response.kind === 'EndTxn' && response.producerEpoch >= 0) producer = response
  await fixture.turn()
}

const row = (partitionIndex: number, committedOffset: number, committedMetadata: string | null = null) => ({
  partitionIndex,
  committedOffset: BigInt(committedOffset),
  committedMetadata,
})

type Row = ReturnType<typeof row>

function topicOf(version: number, name: string, partitions: readonly Row[]) {
  if (version < 6) return { name, partitions }
  return { topicId: fixture.cluster.topic(name)?.id ?? UNKNOWN_ID, partitions }
}

async function codes(
  version: number,
  rest: Partial<TxnOffsetCommitRequestInput> = {},
  by = fixture.by,
): Promise<number[]> {
  const { producerId: id, producerEpoch } = producer
  const topics = [topicOf(version, 't', [row(0, 10 + version)])]
  const request = { transactionalId: 'tx', groupId: 'g', producerId: id, producerEpoch, topics, ...rest }
  const answer = present(await fixture.settle(by.send(TxnOffsetCommit, version, request)), 'an answer')
  return answer.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))
}

async function stable(version = 7): Promise<number[]> {
  const topics = [{ name: 't', partitionIndexes: [0, 1, 2] }]
  const request = version >= 8 ? { groups: [{ groupId: 'g', topics }] } : { groupId: 'g', topics }
  const answer = present(
    await fixture.settle(fixture.by.send(OffsetFetch, version, { ...request, requireStable: true })),
    'an answer',
  )
  const [topic] = version >= 8 ? present(answer.groups[0], 'a group').topics : answer.topics
  return present(topic, 'a topic').partitions.map(({ committedOffset, errorCode }) =>
    errorCode === 0 ? Number(committedOffset) : -errorCode,
  )
}

describe.each(VERSIONS)('v%i', (version) => {
  const isAdding = version >= 5

  test('offsets of the transaction are committed with it, and only then', async () => {
    if (!isAdding) await addOffsets()
    expect(await codes(version)).toEqual([ErrorCode.NONE])
    expect(await fixture.committed('g', [0])).toEqual([-1])
    expect(await stable()).toEqual([-ErrorCode.UNSTABLE_OFFSET_COMMIT, -1, -1])
    await end(true, isAdding ? 2 : 0)
    expect(await stable(9)).toEqual([10 + version, -1, -1])
  })

  test('offsets of an aborted transaction are gone', async () => {
    if (!isAdding) await addOffsets()
    await codes(version)
    await end(false, isAdding ? 2 : 0)
    expect(await stable(8)).toEqual([-1, -1, -1])
  })

  test("the group's partition is in the transaction, or is brought in, by version", async () => {
    const notAdded = version === 4 ? ErrorCode.TRANSACTION_ABORTABLE : ErrorCode.INVALID_TXN_STATE
    expect(await codes(version)).toEqual([isAdding ? ErrorCode.NONE : notAdded])
  })

  test('another producer id, an old and a later epoch, an id that nobody has, and ""', async () => {
    await addOffsets()
    expect(await codes(version, { producerId: 7n })).toEqual([ErrorCode.INVALID_PRODUCER_ID_MAPPING])
    expect(await codes(version, { producerEpoch: 3 })).toEqual([ErrorCode.INVALID_PRODUCER_EPOCH])
    expect(await codes(version, { transactionalId: 'nobody' })).toEqual([ErrorCode.INVALID_PRODUCER_ID_MAPPING])
    expect(await codes(version, { transactionalId: '' })).toEqual([ErrorCode.INVALID_REQUEST])
    const zombie = producer
    producer = await init().catch(async () => {
      await fixture.turn()
      return init()
    })
    expect(await codes(version, zombie)).toEqual([ErrorCode.INVALID_PRODUCER_EPOCH])
  })

  test('rights: of the transactional id and the group for all rows, of a topic for its rows', async () => {
    await addOffsets()
    await fixture.createTopic('u')
    const topics = [topicOf(version, 't', [row(0, 1)]), topicOf(version, 'u', [row(0, 1), row(1, 1)])]
    const without = (resource: string, name: string) =>
      fixture.client(1, { authorizer: { authorize: (_p, _h, _o, type, which) => type !== resource || which !== name } })
    const { TOPIC_AUTHORIZATION_FAILED: noTopic, GROUP_AUTHORIZATION_FAILED: noGroup } = ErrorCode
    const noId = ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    expect(await codes(version, { topics }, without('TRANSACTIONAL_ID', 'tx'))).toEqual([noId, noId, noId])
    expect(await codes(version, { topics }, without('GROUP', 'g'))).toEqual([noGroup, noGroup, noGroup])
    expect(await codes(version, { topics }, without('TOPIC', 'u'))).toEqual([0, noTopic, noTopic])
    expect(await stable()).toEqual([-ErrorCode.UNSTABLE_OFFSET_COMMIT, -1, -1])
  })

  test('rows keep their places: unknown ones, and metadata that is too long', async () => {
    await addOffsets()
    const topics = [
      topicOf(version, 'none', [row(0, 1)]),
      topicOf(version, 't', [
        row(9, 1),
        row(0, 5),
        row(1, 1, 'é'.repeat(4097)),
        row(2, 1, 'é'.repeat(4096)),
        row(0, 6),
      ]),
    ]
    const unknown = version >= 6 ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    expect(await codes(version, { topics })).toEqual([unknown, 3, 0, ErrorCode.OFFSET_METADATA_TOO_LARGE, 0, 0])
    await end(true)
    expect(await stable()).toEqual([6, -1, 1])
  })

  test('rows that name nothing are answered whatever else is wrong, and nobody is asked when no row is left', async () => {
    const partitions = [row(0, 1)]
    const unknown = version >= 6 ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const asked = jest.spyOn(fixture.transactions, 'submit')
    expect(await codes(version, { groupId: '', topics: [topicOf(version, 'none', partitions)] })).toEqual([unknown])
    expect(await codes(version, { topics: [] })).toEqual([])
    expect(await codes(version, { topics: [topicOf(version, 't', [])] })).toEqual([])
    expect(await codes(version, { groupId: '' })).toEqual([ErrorCode.INVALID_GROUP_ID])
    expect(await codes(version, {}, fixture.client(2))).toEqual([ErrorCode.NOT_COORDINATOR])
    expect(asked).not.toHaveBeenCalled()
  })

  test('a coordinator that is still reading its log', async () => {
    await addOffsets()
    await codes(version)
    const load = holdReads('__consumer_offsets')
    const moving = fixture.changePartitions('__consumer_offsets', 2)
    const back = version < 2 ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
    await fixture.turn()
    const answer = codes(version, {}, fixture.client(2))
    expect(await answer).toEqual([back])
    load.release()
    await fixture.settle(moving)
  })

  test('without the topic of the groups there is no coordinator', async () => {
    await fixture.deleteTopic('__consumer_offsets')
    expect(await codes(version)).toEqual([ErrorCode.COORDINATOR_NOT_AVAILABLE])
  })

  test('without the topic of the transactions there is nobody to ask', async () => {
    await fixture.deleteTopic('__transaction_state')
    expect(await codes(version)).toEqual([ErrorCode.COORDINATOR_NOT_AVAILABLE])
  })
})

/** The logs of the topic answer reads only when told to. */
function holdReads(topicName: string): { release(): void } {
  const topic = present(fixture.cluster.topic(topicName), 'a topic')
  let release = (): void => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  for (const { index } of topic.partitions) {
    const { log } = present(fixture.partitions.find(topic, index), 'a partition')
    const read = log.read.bind(log)
    jest.spyOn(log, 'read').mockImplementation(async (request) => {
      await released
      return read(request)
    })
  }
  return { release: () => release() }
}

describe.each([3, 4, 5, 6])('v%i: members (KIP-447)', (version) => {
  test('who, and of which generation', async () => {
    const { memberId, generationId } = await fixture.stableGroup('g')
    await addOffsets()
    const as = (id: string, generation: number, groupInstanceId: string | null = null) =>
      codes(version, { memberId: id, generationIdOrMemberEpoch: generation, groupInstanceId })
    expect(await as(memberId, generationId)).toEqual([ErrorCode.NONE])
    expect(await as('', -1)).toEqual([ErrorCode.NONE])
    expect(await as(memberId, generationId - 1)).toEqual([ErrorCode.ILLEGAL_GENERATION])
    expect(await as(memberId, -1)).toEqual([ErrorCode.ILLEGAL_GENERATION])
    expect(await as('other', generationId)).toEqual([ErrorCode.UNKNOWN_MEMBER_ID])
    expect(await as(memberId, generationId, 'i')).toEqual([ErrorCode.UNKNOWN_MEMBER_ID])
  })

  test('an instance that another member has taken over', async () => {
    const protocols = [{ name: 'range', metadata: new Uint8Array(1) }]
    const { memberId } = await fixture.join('g', { groupInstanceId: 'i', protocols })
    await addOffsets()
    const as = (id: string) => codes(version, { memberId: id, generationIdOrMemberEpoch: 1, groupInstanceId: 'i' })
    expect(await as(memberId)).toEqual([ErrorCode.NONE])
    expect(await as('other')).toEqual([ErrorCode.FENCED_INSTANCE_ID])
  })

  test('a generation of a group that is not there', async () => {
    await addOffsets()
    expect(await codes(version, { memberId: 'm', generationIdOrMemberEpoch: 0 })).toEqual([
      ErrorCode.ILLEGAL_GENERATION,
    ])
    expect(await codes(version, { memberId: 'm' })).toEqual([ErrorCode.NONE])
  })
})

test.each([5, 6])(
  'v%i: a member that is fenced has brought its group in, and the transaction goes on',
  async (version) => {
    const { memberId, generationId } = await fixture.stableGroup('g')
    const as = (id: string, generation: number, groupInstanceId: string | null = null) =>
      codes(version, { memberId: id, generationIdOrMemberEpoch: generation, groupInstanceId })
    expect(await as(memberId, generationId - 1)).toEqual([ErrorCode.ILLEGAL_GENERATION])
    expect(await as('other', generationId)).toEqual([ErrorCode.UNKNOWN_MEMBER_ID])
    expect(await stable()).toEqual([-1, -1, -1])
    // What is added stays added: an abort ends it, with an epoch of its own.
    await end(false, 2)
    expect(producer.producerEpoch).toBe(1)
    expect(await as(memberId, generationId)).toEqual([ErrorCode.NONE])
    await end(true, 2)
    expect(await stable()).toEqual([10 + version, -1, -1])
  },
)

test('v5: a commit waits until the transaction before is ended in its own partition', async () => {
  await codes(5)
  const late = jest.spyOn(fixture.groups, 'endTransaction').mockResolvedValueOnce(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  await end(true, 2)
  fixture.clock.advance(50)
  const next = codes(5, { topics: [topicOf(5, 't', [row(1, 7)])] })
  for (let waitedMs = 0; waitedMs < 90; waitedMs++) {
    await fixture.turn()
    fixture.clock.advance(1)
  }
  expect(await next).toEqual([ErrorCode.NONE])
  expect(late).toHaveBeenCalledTimes(2)
  await end(true, 2)
  expect(await stable()).toEqual([15, 7, -1])
})

test('a transaction that ends while its coordinator is asked takes nothing in', async () => {
  await addOffsets()
  const answers: (() => void)[] = []
  const submitNow = fixture.transactions.submit.bind(fixture.transactions)
  const held = jest.spyOn(fixture.transactions, 'submit').mockImplementation(async (...call) => {
    const response = await submitNow(...call)
    await new Promise<void>((resolve) => answers.push(resolve))
    return response
  })
  const late = codes(3)
  await fixture.turn()
  held.mockRestore()
  await end(true)
  await addOffsets()
  for (const answer of answers) answer()
  expect(await late).toEqual([ErrorCode.INVALID_TXN_STATE])
  await end(true)
  expect(await stable()).toEqual([-1, -1, -1])
})

test('while the transaction before is being ended', async () => {
  await addOffsets()
  await codes(3)
  const markers = jest.spyOn(fixture.groups, 'endTransaction').mockResolvedValue(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  await end(true)
  // What is open in the partition still takes in, as with Kafka; elsewhere the coordinator is asked.
  expect(await codes(3, { groupId: 'other' })).toEqual([ErrorCode.CONCURRENT_TRANSACTIONS])
  markers.mockRestore()
})

test('a restart in the middle of a transaction', async () => {
  await fixture.commit('g', { 0: 1, 1: 1 })
  await addOffsets()
  await codes(3, { topics: [topicOf(3, 't', [row(0, 5)])] })
  await fixture.restart()
  expect(await stable()).toEqual([-ErrorCode.UNSTABLE_OFFSET_COMMIT, 1, -1])
  await codes(3, { topics: [topicOf(3, 't', [row(1, 6)])] })
  await fixture.restart()
  expect(await fixture.committed('g', [0, 1])).toEqual([1, 1])
  await end(true)
  expect(await stable()).toEqual([5, 6, -1])
  await fixture.restart()
  expect(await stable()).toEqual([5, 6, -1])
})
