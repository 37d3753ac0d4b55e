import { producerId, timestamp } from '@odradek/core'
import { Fetch, Produce } from '@odradek/protocol'
import { buildEndTransactionBatch, readBatchHeader } from '@odradek/records'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, fetchRequest, produceRequest } from '../data-requests.ts'
import { FetchMemory } from './fetch-memory.ts'
import { READ_BYTES_PER_TURN } from './fetch-turns.ts'

describe('odradek.max.unsent.bytes', () => {
  test('is granted to its last byte, and not one more', () => {
    const memory = new FetchMemory(() => 100)
    expect([memory.grant(60), memory.grant(60), memory.grant(1)]).toEqual([60, 40, 0])
    memory.giveBack(40)
    expect(memory.grant(60)).toBe(40)
    expect(memory.grant(-1)).toBe(-1)
    expect(memory.heldBytes).toBe(100)
  })

  test('past it there is room for a batch, and at twice of it none', () => {
    let limit = 100
    const memory = new FetchMemory(() => limit)
    memory.grant(100)
    limit = 51
    expect(memory.hasRoomForOne).toBe(true)
    limit = 50
    expect(memory.hasRoomForOne).toBe(false)
  })
})

describe('a fetch', () => {
  let fixture: DataFixture
  const topics = ['a', 'b', 'c']

  beforeEach(async () => {
    fixture = new DataFixture()
    for (const name of topics) {
      await fixture.createTopic(name, { partitions: 1 })
      for (const value of ['1', '2', '3'])
        await fixture.settle(fixture.client().send(Produce, 9, produceRequest(name, batchOf([value]))))
    }
  })

  async function bytesOf(name: string): Promise<number> {
    const response = await fixture.settle(fixture.client().send(Fetch, 12, fetchRequest(name, { maxWaitMs: 0 })))
    return response?.responses[0]?.partitions[0]?.records?.length ?? -1
  }

  test('gives back what it has taken once its answer has left', async () => {
    const whole = await bytesOf('a')
    expect(fixture.fetchMemory.heldBytes).toBe(0)
    fixture.settings = { ...fixture.settings, unsentBytesMax: whole }
    expect(await bytesOf('a')).toBe(whole)
  })

  test('while others leave their answers unread gets what is left, then a batch, then nothing, and all of it again', async () => {
    const whole = await bytesOf('a')
    const batch = whole / 3
    const unread = (bytes: number) => {
      const granted = fixture.fetchMemory.grant(bytes)
      return () => fixture.fetchMemory.giveBack(granted)
    }
    fixture.settings = { ...fixture.settings, unsentBytesMax: 2 * whole }
    const read = unread(2 * whole - 2 * batch)
    expect(await bytesOf('a')).toBe(2 * batch)
    const readAll = unread(2 * batch)
    expect(await bytesOf('b')).toBe(batch)
    fixture.settings = { ...fixture.settings, unsentBytesMax: whole }
    expect(await bytesOf('c')).toBe(0)
    readAll()
    read()
    expect(await bytesOf('c')).toBe(whole)
  })

  test('reads no more in a turn for batches that do not fit', async () => {
    const valueBytes = READ_BYTES_PER_TURN
    for (const name of ['b', 'c']) {
      await fixture.createTopic(`large-${name}`, { partitions: 1 })
      const batch = batchOf(['x'.repeat(valueBytes)])
      await fixture.settle(fixture.client().send(Produce, 9, produceRequest(`large-${name}`, batch)))
    }
    const { topics: first } = fetchRequest('a', { maxWaitMs: 0 })
    const topics = ['large-b', 'large-c'].flatMap(
      (name) => fetchRequest(name, { maxWaitMs: 0, partitionMaxBytes: valueBytes }).topics,
    )
    const answer = fixture
      .client()
      .send(Fetch, 12, { ...fetchRequest('a', { maxWaitMs: 0 }), topics: [...first, ...topics] })
    expect(fixture.fetchTurns.isOver).toBe(true)
    const response = await fixture.settle(answer)
    expect(response?.responses.map(({ partitions }) => (partitions[0]?.records?.length ?? 0) > 0)).toEqual([
      true,
      false,
      false,
    ])
  })

  test('of an old version passes over control batches in turns', async () => {
    await fixture.createTopic('controls', { partitions: 1 })
    const { log } = fixture.partitions.find(fixture.cluster.topic('controls')!, 0)!
    const batch = buildEndTransactionBatch({
      outcome: 'abort',
      coordinatorEpoch: 0,
      producerId: producerId(1n),
      producerEpoch: 0,
      timestamp: timestamp(1n),
    })
    for (let bytes = 0; bytes < 2 * READ_BYTES_PER_TURN; bytes += batch.length)
      log.append({ batch: Buffer.from(batch), header: readBatchHeader(batch), durability: 'written' }, () => {})
    await fixture.settle(fixture.client().send(Produce, 9, produceRequest('controls', batchOf(['1']))))
    const read = jest.spyOn(log, 'read')
    const request = fetchRequest('controls', { partitionMaxBytes: READ_BYTES_PER_TURN })
    const answer = fixture.client().send(Fetch, 3, request)
    expect(read).toHaveBeenCalledTimes(1)
    const response = await fixture.settle(answer)
    expect(response?.responses[0]?.partitions[0]?.records?.length).toBeGreaterThan(0)
  })

  test('reads no more in a turn of the event loop than others can wait for', async () => {
    const valueBytes = READ_BYTES_PER_TURN / 2
    for (const name of topics)
      await fixture.settle(fixture.client().send(Produce, 9, produceRequest(name, batchOf(['x'.repeat(valueBytes)]))))
    const all = topics.flatMap((name) => fetchRequest(name, { maxWaitMs: 0 }).topics)
    const answer = fixture.client().send(Fetch, 12, { ...fetchRequest('a', { maxWaitMs: 0 }), topics: all })
    expect(Math.floor(fixture.fetchMemory.heldBytes / valueBytes)).toBe(2)
    const response = await fixture.settle(answer)
    const bytes = response?.responses.map(({ partitions }) => partitions[0]?.records?.length ?? 0) ?? []
    expect(bytes.map((each) => Math.floor(each / valueBytes))).toEqual([1, 1, 1])
  })
})
