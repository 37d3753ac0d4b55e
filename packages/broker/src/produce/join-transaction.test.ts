import { producerId } from '@odradek/core'
import { ErrorCode, Produce } from '@odradek/protocol'
import { batchOf } from '../data-requests.ts'
import { type Producer, TransactionFixture } from '../transaction-fixture.ts'

let fixture: TransactionFixture
let producer: Producer

beforeEach(async () => {
  fixture = new TransactionFixture()
  await fixture.createTopic('t', { partitions: 3 })
  producer = await fixture.producer()
})

const code = async (...args: Parameters<TransactionFixture['produce']>) => (await fixture.produce(...args)).errorCode

const next = (by = 1): Producer => ({ ...producer, producerEpoch: producer.producerEpoch + by })

describe('partitions that the client has added', () => {
  test.each([3, 8, 11])('v%i: are asked about once, then the log knows', async (version) => {
    await fixture.add(producer)
    const submit = jest.spyOn(fixture.transactions, 'submit')
    expect(await fixture.produce(producer, 0, { version })).toMatchObject({ errorCode: 0, baseOffset: 0n })
    expect(await fixture.produce(producer, 1, { version })).toMatchObject({ errorCode: 0, baseOffset: 1n })
    expect(submit).toHaveBeenCalledTimes(1)
    expect(fixture.logOf().lastStableOffset).toBe(0)
  })

  test.each([
    [3, ErrorCode.INVALID_TXN_STATE],
    [10, ErrorCode.INVALID_TXN_STATE],
    [11, ErrorCode.TRANSACTION_ABORTABLE],
  ])('v%i: one that was not added is %i', async (version, errorCode) => {
    await fixture.add(producer, [1])
    expect(await fixture.produce(producer, 0, { version })).toMatchObject({
      errorCode,
      baseOffset: -1n,
      logStartOffset: -1n,
    })
    expect(fixture.logOf().endOffset).toBe(0)
  })

  test('of another epoch, another id, an unknown or an empty transactional id', async () => {
    await fixture.add(producer)
    expect(await code(next(), 0, { version: 9 })).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    expect(await code({ ...producer, producerId: producerId(1n) }, 0, { version: 9 })).toBe(49)
    expect(await code(producer, 0, { version: 9, transactionalId: 'unknown' })).toBe(49)
    expect(await code(producer, 0, { version: 9, transactionalId: '' })).toBe(ErrorCode.INVALID_REQUEST)
  })

  test('may be written unasked when verification is off', async () => {
    fixture.settings = { ...fixture.settings, transactionPartitionVerificationEnable: false }
    expect(await code(producer, 7, { version: 11 })).toBe(ErrorCode.NONE)
    expect(await code(producer, 0, { version: 12, partition: 1 })).toBe(ErrorCode.NONE)
    expect(await fixture.stateOf()).toBe('Ongoing')
  })
})

describe('v12: partitions come into the transaction by being written to', () => {
  test('each once', async () => {
    const submit = jest.spyOn(fixture.transactions, 'submit')
    for (const sequence of [0, 1]) expect(await code(producer, sequence)).toBe(ErrorCode.NONE)
    expect(await code(producer, 0, { partition: 2 })).toBe(ErrorCode.NONE)
    expect(submit).toHaveBeenCalledTimes(2)
    await fixture.end(producer)
    expect(await fixture.batchesOf('t', 2)).toMatchObject([{ isControl: false }, { isControl: true, producerEpoch: 1 }])
  })

  test('a producer that is unknown begins with sequence 0', async () => {
    expect(await fixture.produce(producer, 1)).toMatchObject({ errorCode: 45, baseOffset: -1n, logStartOffset: 0n })
    expect(await code(producer, 0)).toBe(ErrorCode.NONE)
  })

  test('the epoch of the transaction before is over', async () => {
    await fixture.produce(producer, 0)
    await fixture.end(producer)
    expect(await code(producer, 1)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    expect(await code(next(), 1)).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(await code(next(), 0)).toBe(ErrorCode.NONE)
  })

  test('by topic id from version 13 on', async () => {
    const topicId = fixture.cluster.topic('t')!.id
    const records = batchOf(['a'], { ...producer, baseSequence: 0, isTransactional: true })
    const topicData = [{ topicId, partitionData: [{ index: 1, records }] }]
    const request = { transactionalId: 'tx', acks: -1, timeoutMs: 1000, topicData }
    const answer = await fixture.settle(fixture.by.send(Produce, 13, request))
    expect(answer?.responses[0]).toMatchObject({ topicId, partitionResponses: [{ index: 1, errorCode: 0 }] })
  })
})

describe('a coordinator that cannot say', () => {
  test.each([
    [11, 1, ErrorCode.NOT_ENOUGH_REPLICAS],
    [12, 6, ErrorCode.CONCURRENT_TRANSACTIONS],
  ])(
    'v%i: while the markers are missing it is asked %i times, then the answer is %i',
    async (version, times, errorCode) => {
      await fixture.add(producer, [1])
      await fixture.changePartitions('t', -1)
      await fixture.end(producer, true, 4)
      await fixture.createTopic('u')
      const submit = jest.spyOn(fixture.transactions, 'submit')
      const answer = fixture.produceSoon(producer, 0, { version, topic: 'u' })
      for (let waitedMs = 0; waitedMs < 100; waitedMs += 20) {
        await fixture.turn()
        fixture.clock.advance(20)
      }
      expect(await fixture.settle(answer)).toMatchObject({ errorCode, logStartOffset: -1n })
      expect(submit).toHaveBeenCalledTimes(times)
    },
  )

  test('v12: the markers come meanwhile, and the next transaction begins', async () => {
    await fixture.add(producer, [1])
    await fixture.changePartitions('t', -1)
    await fixture.end(producer, true, 4)
    await fixture.createTopic('u')
    const answer = fixture.produceSoon(producer, 0, { topic: 'u' })
    await fixture.turn()
    await fixture.changePartitions('t', 1)
    for (let waitedMs = 0; waitedMs < 100; waitedMs += 20) {
      fixture.clock.advance(20)
      await fixture.turn()
    }
    expect(await fixture.settle(answer)).toMatchObject({ errorCode: 51 })
    fixture.clock.advance(100)
    await fixture.turn()
    expect(await code(producer, 0, { topic: 'u' })).toBe(ErrorCode.NONE)
  })

  test.each([11, 12])('v%i: none at all is tried again', async (version) => {
    await fixture.changePartitions('__transaction_state', -1)
    expect(await code(producer, 0, { version })).toBe(ErrorCode.NOT_ENOUGH_REPLICAS)
  })

  test('it may be on another node', async () => {
    await fixture.changePartitions('__transaction_state', 2)
    expect(await code(producer, 0)).toBe(ErrorCode.NONE)
    const { producerEpoch } = await fixture.end(producer, true, 5, fixture.client(2))
    expect(producerEpoch).toBe(1)
  })
})

describe('the request as a whole', () => {
  async function codes(batches: Uint8Array[], version = 12, transactionalId: string | null = 'tx', by = fixture.by) {
    const partitionData = batches.map((records, index) => ({ index, records }))
    const request = { transactionalId, acks: 1, timeoutMs: 1000, topicData: [{ name: 't', partitionData }] }
    const answer = await fixture.settle(by.send(Produce, version, request))
    return answer!.responses[0]!.partitionResponses.map(({ errorCode }) => errorCode)
  }

  const batch = (rest: object = {}) => batchOf(['a'], { ...producer, baseSequence: 0, isTransactional: true, ...rest })

  test.each([3, 12])('v%i: two producers or two epochs are refused together', async (version) => {
    const refused = ErrorCode.INVALID_PRODUCER_ID_MAPPING
    const other = batch({ producerId: producerId(7n) })
    expect(await codes([batch(), other], version)).toEqual([refused, refused])
    const later = batch({ producerEpoch: 1 })
    expect(await codes([batch(), batchOf(['plain']), later], version)).toEqual([refused, refused, refused])
    expect(fixture.logOf().endOffset).toBe(0)
  })

  test.each([3, 12])('v%i: without transactional id, or the right to it, none is taken', async (version) => {
    const denied = ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    expect(await codes([batchOf(['plain']), batch()], version, null)).toEqual([denied, denied])
    const authorize = (_p: string, _h: string, _o: string, resource: string) => resource !== 'TRANSACTIONAL_ID'
    const stranger = fixture.client(1, { authorizer: { authorize } })
    expect(await codes([batch()], version, 'tx', stranger)).toEqual([denied])
  })

  test('plain batches beside transactional ones are stored as such', async () => {
    expect(await codes([batch(), batchOf(['plain'])])).toEqual([0, 0])
    expect(await codes([batchOf(['plain'])])).toEqual([0])
    expect(fixture.logOf('t', 1).lastStableOffset).toBe(1)
  })

  test('a plain batch of a producer with an open transaction', async () => {
    await fixture.produce(producer, 0)
    expect(await codes([batch({ isTransactional: false, baseSequence: 1 })])).toEqual([ErrorCode.INVALID_TXN_STATE])
  })

  test('rows that are refused are not added', async () => {
    const authorize = (_p: string, _h: string, _o: string, resource: string, name: string) =>
      resource !== 'TOPIC' || name !== 't'
    expect(await codes([batch()], 12, 'tx', fixture.client(1, { authorizer: { authorize } }))).toEqual([29])
    expect(await codes([batch()], 12, 'tx', fixture.client(2))).toEqual([ErrorCode.NOT_LEADER_OR_FOLLOWER])
    expect(await fixture.stateOf()).toBe('Empty')
  })

  test('acks 0: an error ends the connection', async () => {
    const answer = fixture.settle(fixture.produceSoon(producer, 0, { acks: 0, version: 11 }))
    await expect(answer).rejects.toThrow('TRANSACTION_ABORTABLE')
    expect(await fixture.settle(fixture.produceSoon(producer, 0, { acks: 0 }))).toBeNull()
    await fixture.turn()
    expect(fixture.logOf().endOffset).toBe(1)
  })
})

describe('between the answer of the coordinator and the append', () => {
  /** Holds back what the coordinator says until it is let go. */
  function delayed(): () => Promise<void> {
    const { transactions } = fixture
    const submit = transactions.submit.bind(transactions)
    let release = (): void => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    jest.spyOn(transactions, 'submit').mockImplementationOnce(async (...args) => {
      const answer = await submit(...args)
      await released
      return answer
    })
    return async () => {
      release()
      await fixture.turn()
    }
  }

  test.each([11, 12])('v%i: an end of the transaction keeps the batch out', async (version) => {
    await fixture.add(producer, [0])
    const release = delayed()
    const answer = fixture.produceSoon(producer, 0, { version })
    await fixture.turn()
    await fixture.end(producer, false, 4)
    await release()
    expect(await fixture.settle(answer)).toMatchObject({ errorCode: ErrorCode.INVALID_TXN_STATE })
    expect(await fixture.batchesOf()).toMatchObject([{ isControl: true }])
    expect(fixture.logOf().lastStableOffset).toBe(1)
  })

  test('a later batch does not become the first', async () => {
    await fixture.add(producer, [0])
    fixture.refuseCreation = true
    const release = delayed()
    const first = fixture.produceSoon(producer, 0, { version: 11 })
    expect(await code(producer, 1, { version: 11 })).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    await release()
    expect(await fixture.settle(first)).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0n })
    expect(await code(producer, 1, { version: 11 })).toBe(ErrorCode.NONE)
  })

  test.each([11, 12])('v%i: what nobody was asked about does not come in when its leader does', async (version) => {
    await fixture.createTopic('u')
    await fixture.changePartitions('u', 2)
    await fixture.add(producer, [0])
    const release = delayed()
    const records = batchOf(['a'], { ...producer, baseSequence: 0, isTransactional: true })
    const topicData = ['t', 'u'].map((name) => ({ name, partitionData: [{ index: 0, records }] }))
    const request = { transactionalId: 'tx', acks: 1, timeoutMs: 1000, topicData }
    const answer = fixture.by.send(Produce, version, request)
    await fixture.turn()
    await fixture.changePartitions('u', 1)
    await release()
    const responses = (await fixture.settle(answer))!.responses.map(({ partitionResponses: [row] }) => row)
    expect(responses).toMatchObject([{ errorCode: ErrorCode.NONE }, { errorCode: ErrorCode.NOT_ENOUGH_REPLICAS }])
    await fixture.end(producer, true, 4)
    // A batch in no transaction would hold up readers of committed records for ever.
    expect(fixture.logOf('u').lastStableOffset).toBe(fixture.logOf('u').endOffset)
    expect(fixture.logOf('u').endOffset).toBe(0)
  })

  test('the topic may be made anew: the new one has nothing of the old', async () => {
    const release = delayed()
    const answer = fixture.produceSoon(producer, 0)
    await fixture.turn()
    await fixture.deleteTopic('t')
    await fixture.createTopic('t', { partitions: 3 })
    await release()
    expect(await fixture.settle(answer)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION })
    expect(await code(producer, 0)).toBe(ErrorCode.NONE)
    await fixture.end(producer)
    expect(await fixture.batchesOf()).toMatchObject([{ isControl: false }, { isControl: true }])
  })
})
