import { AddPartitionsToTxn, ErrorCode } from '@odradek/protocol'
import { type Producer, TransactionFixture } from '../transaction-fixture.ts'

let fixture: TransactionFixture
let producer: Producer

beforeEach(async () => {
  fixture = new TransactionFixture()
  await fixture.createTopic('t', { partitions: 3 })
  await fixture.createTopic('secret')
  producer = await fixture.producer()
})

const older = (): Producer => ({ ...producer, producerEpoch: producer.producerEpoch - 1 })

describe('of a client', () => {
  test.each([0, 1, 2, 3])('v%i: partitions begin a transaction, and more come into it', async (version) => {
    expect(await fixture.add(producer, [0, 2], version)).toEqual([0, 0])
    expect(await fixture.stateOf()).toBe('Ongoing')
    expect(await fixture.add(producer, [1, 2], version)).toEqual([0, 0])
  })

  test.each([
    [0, ErrorCode.INVALID_PRODUCER_EPOCH],
    [1, ErrorCode.INVALID_PRODUCER_EPOCH],
    [2, ErrorCode.PRODUCER_FENCED],
    [3, ErrorCode.PRODUCER_FENCED],
  ])('v%i: another epoch is %i, another id no producer', async (version, errorCode) => {
    await fixture.producer()
    expect(await fixture.add(producer, [0, 1], version)).toEqual([errorCode, errorCode])
    const other = { ...producer, producerId: (producer.producerId + 1n) as never }
    expect(await fixture.add(other, [0], version)).toEqual([ErrorCode.INVALID_PRODUCER_ID_MAPPING])
    expect(await fixture.add(producer, [0], version, fixture.by, 'unknown')).toEqual([49])
    expect(await fixture.add(producer, [0], version, fixture.by, '')).toEqual([ErrorCode.INVALID_REQUEST])
  })

  test('one partition that cannot be added keeps out all', async () => {
    const { OPERATION_NOT_ATTEMPTED: left, TOPIC_AUTHORIZATION_FAILED: denied, UNKNOWN_TOPIC_OR_PARTITION } = ErrorCode
    expect(await fixture.add(producer, [0, 3, 1])).toEqual([left, UNKNOWN_TOPIC_OR_PARTITION, left])
    expect(await fixture.stateOf()).toBe('Empty')
    const topics = ['t', '__transaction_state', 'secret', 'none'].map((name) => ({ name, partitions: [0] }))
    const authorize = (_p: string, _h: string, _o: string, _r: string, name: string) => name !== 'secret'
    const answer = await fixture.settle(
      fixture.client(1, { authorizer: { authorize } }).send(AddPartitionsToTxn, 3, {
        v3AndBelowTransactionalId: 'tx',
        v3AndBelowProducerId: producer.producerId,
        v3AndBelowProducerEpoch: producer.producerEpoch,
        v3AndBelowTopics: topics,
        transactions: [],
      }),
    )
    expect(answer?.resultsByTopicV3AndBelow.map(({ resultsByPartition }) => resultsByPartition)).toMatchObject(
      [left, denied, denied, UNKNOWN_TOPIC_OR_PARTITION].map((partitionErrorCode) => [{ partitionErrorCode }]),
    )
  })

  test('without the right to the transactional id', async () => {
    const authorize = (_p: string, _h: string, _o: string, resource: string) => resource !== 'TRANSACTIONAL_ID'
    const stranger = fixture.client(1, { authorizer: { authorize } })
    const denied = ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    expect(await fixture.add(producer, [0, 9], 3, stranger)).toEqual([denied, denied])
  })

  test('while the transaction before is being ended, and elsewhere', async () => {
    await fixture.add(producer)
    fixture.cluster.byName.set('t', {
      ...fixture.cluster.topic('t')!,
      partitions: fixture.cluster.topic('t')!.partitions.map((view) => ({ ...view, leader: -1 as never })),
    })
    await fixture.changePartitions('t', -1)
    await fixture.end(producer, true, 4)
    expect(await fixture.add(producer)).toEqual([ErrorCode.CONCURRENT_TRANSACTIONS])
    expect(await fixture.add(producer, [0], 3, fixture.client(2))).toEqual([ErrorCode.NOT_COORDINATOR])
  })
})

describe('of a broker', () => {
  const one = (rest: object = {}) => ({
    transactionalId: 'tx',
    ...producer,
    verifyOnly: false,
    topics: [{ name: 't', partitions: [0, 1] }],
    ...rest,
  })

  async function send(transactions: ReturnType<typeof one>[], version = 5, by = fixture.by) {
    return (await fixture.settle(
      by.send(AddPartitionsToTxn, version, { transactions, v3AndBelowTopics: [] } as never),
    ))!
  }

  async function codes(transactions: ReturnType<typeof one>[], version = 5) {
    const { resultsByTransaction } = await send(transactions, version)
    return resultsByTransaction.map(({ topicResults }) =>
      topicResults.flatMap(({ resultsByPartition }) =>
        resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
      ),
    )
  }

  test.each([4, 5])('v%i: many transactions, each with its own answer', async (version) => {
    const second = await fixture.producer('other')
    const others = [one({ transactionalId: 'other', ...second }), one(older()), one({ transactionalId: 'unknown' })]
    expect(await codes([one(), ...others], version)).toEqual([
      [0, 0],
      [0, 0],
      [90, 90],
      [49, 49],
    ])
    const { errorCode, resultsByTransaction } = await send([one(), ...others], version)
    expect([errorCode, resultsByTransaction.map(({ transactionalId }) => transactionalId)]).toEqual([
      ErrorCode.NONE,
      ['tx', 'other', 'tx', 'unknown'],
    ])
  })

  test.each([4, 5])('v%i: to be told only', async (version) => {
    const ask = one({ verifyOnly: true })
    expect(await codes([ask], version)).toEqual([[120, 120]])
    await fixture.add(producer, [1])
    expect(await codes([ask], version)).toEqual([[120, 0]])
    await fixture.changePartitions('t', -1)
    await fixture.end(producer, true, 4)
    expect(await codes([ask], version)).toEqual([[51, 51]])
  })

  test.each([4, 5])('v%i: partitions that are not there keep out the others', async (version) => {
    const topics = [
      { name: 't', partitions: [0, 7] },
      { name: 'none', partitions: [0] },
    ]
    expect(await codes([one({ topics })], version)).toEqual([[55, 3, 3]])
  })

  test.each([4, 5])('v%i: only of a broker, and with a transaction: Kafka does not answer without', async (version) => {
    expect(await send([], version)).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST, resultsByTransaction: [] })
    const authorize = (_p: string, _h: string, operation: string) => operation !== 'CLUSTER_ACTION'
    const stranger = fixture.client(1, { authorizer: { authorize } })
    expect(await send([one()], version, stranger)).toMatchObject({
      errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
      resultsByTransaction: [],
    })
  })
})
