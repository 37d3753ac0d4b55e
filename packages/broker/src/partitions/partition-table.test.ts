import { type LogFields, type Logger, ManualClock, offset, SeededPrng, silentLogger } from '@odradek/core'
import { type LogStore, memoryLogStore, type PartitionLog } from '@odradek/log'
import { ErrorCode, Fetch, Produce } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, fetchRequest, produceRequest } from '../data-requests.ts'
import { METADATA_TOPIC_ID } from '../metadata/metadata-log.ts'
import { PartitionTable } from './partition-table.ts'

let fixture: DataFixture

beforeEach(() => {
  fixture = new DataFixture()
})

const topicOf = (name: string) => fixture.cluster.topic(name)!

function logOf(name: string, index = 0): PartitionLog {
  return fixture.partitions.find(topicOf(name), index)!.log
}

/** A table over the fixture's metadata, and what it wrote to the log. */
function tableOver(store: LogStore) {
  const lines: { message: string; fields: LogFields }[] = []
  const log = (message: string, fields: LogFields = {}) => {
    lines.push({ message, fields })
  }
  const logger: Logger = { debug: log, info: log, warn: log, error: log }
  const settingsOf = () => fixture.partitions.find(topicOf('t'), 0)!.settings
  const { clock, cluster } = fixture
  return { lines, table: new PartitionTable({ store, cluster, settingsOf, clock, logger }) }
}

function emptyStore(): LogStore {
  const clock = new ManualClock()
  return memoryLogStore({ clock, prng: new SeededPrng(1), logger: silentLogger, bytesMax: 1e7, whenFull: 'refuse' })
}

describe('topics that come and go', () => {
  test('a new topic has all its logs at once, and what is not there is null', async () => {
    const topic = await fixture.createTopic('t', { partitions: 40 })
    for (const { index } of topic.partitions)
      expect(fixture.partitions.find(topic, index)).toMatchObject({ topic, view: { index } })
    expect(fixture.partitions.find(topic, 40)).toBeNull()
    expect(fixture.partitions.find(topic, -1)).toBeNull()
    await fixture.deleteTopic('t')
    expect(fixture.partitions.find(topic, 0)).toBeNull()
    expect(fixture.store.list()).toEqual([])
  })

  test('a topic of the same name made again is another one, empty', async () => {
    const client = fixture.client()
    const first = await fixture.createTopic('t')
    await fixture.settle(client.send(Produce, 9, produceRequest('t', batchOf(['old']))))
    await fixture.deleteTopic('t')
    const second = await fixture.createTopic('t')
    expect(second.id).not.toBe(first.id)
    const read = await fixture.settle(client.send(Fetch, 12, fetchRequest('t')))
    expect(read?.responses[0]?.partitions).toMatchObject([{ errorCode: 0, highWatermark: 0n }])
    const old = await fixture.settle(client.send(Fetch, 13, fetchRequest('', { topicId: first.id })))
    expect(old?.responses[0]).toMatchObject({
      topicId: first.id,
      partitions: [{ errorCode: ErrorCode.UNKNOWN_TOPIC_ID }],
    })
  })

  test('partitions that are added are opened, those before them stay as they are', async () => {
    const before = await fixture.createTopic('t')
    const log = logOf('t')
    const added = { ...before.partitions[0]!, index: 1 }
    const after = { ...before, partitions: [...before.partitions, added] }
    fixture.cluster.byName.set('t', after)
    const change = {
      endOffset: offset(0),
      topicsCreated: [],
      topicsDeleted: [],
      topicConfigsChanged: [],
      brokerConfigsChanged: false,
      nodesChanged: false,
      clientQuotasChanged: false,
    }
    await fixture.settle(fixture.partitions.take({ ...change, topicsChanged: [{ before, after }] }))
    expect(fixture.partitions.find(after, 1)?.log.endOffset).toBe(0)
    expect(logOf('t')).toBe(log)
  })
})

describe('what changes while it is open', () => {
  test('a new leader raises the epoch of the log, and of what is appended from then on', async () => {
    await fixture.createTopic('t', { replicas: [1, 2] })
    await fixture.changePartitions('t', 2)
    expect(logOf('t').leaderEpoch).toBe(1)
    expect(fixture.partitions.find(topicOf('t'), 0)?.view.leader).toBe(2)
  })

  test('settings reach the log', async () => {
    await fixture.createTopic('t')
    const configure = jest.spyOn(logOf('t'), 'configure')
    const { settings } = fixture.partitions.find(topicOf('t'), 0)!
    await fixture.configureTopic('t', { log: { ...settings.log, retentionMs: 7 } })
    expect(configure).toHaveBeenCalledTimes(1)
    expect(fixture.partitions.find(topicOf('t'), 0)?.settings.log.retentionMs).toBe(7)
    await fixture.createTopic('other')
    expect(configure).toHaveBeenCalledTimes(1)
  })

  test('watchers hear of it until they are removed', async () => {
    await fixture.createTopic('t')
    let calls = 0
    const remove = fixture.partitions.watch(() => calls++)
    await fixture.changePartitions('t', 2)
    expect(calls).toBeGreaterThan(0)
    remove()
    const before = calls
    await fixture.deleteTopic('t')
    expect(calls).toBe(before)
  })
})

describe('the start', () => {
  beforeEach(async () => {
    await fixture.createTopic('t', { partitions: 2 })
  })

  test('opens what the metadata has, with what was written', async () => {
    await fixture.settle(fixture.client().send(Produce, 9, produceRequest('t', batchOf(['a', 'b']), { index: 1 })))
    await fixture.changePartitions('t', 2)
    await fixture.restart()
    expect(logOf('t', 1)).toMatchObject({ endOffset: 2, leaderEpoch: 1 })
  })

  test('removes the logs of topics and partitions that were deleted, never the metadata', async () => {
    const store = emptyStore()
    const { settings } = fixture.partitions.find(topicOf('t'), 0)!
    const gone = 'Zm9vYmFyYmF6cXV4cXV1eA'
    for (const [topicId, partition] of [
      [gone, 0],
      [topicOf('t').id, 5],
      [METADATA_TOPIC_ID, 0],
    ] as const) {
      const log = await store.open({ topicId, topicName: 'x', partition }, settings.log)
      if (topicId !== METADATA_TOPIC_ID) await log.close()
    }
    const { table, lines } = tableOver(store)
    await table.start()
    expect(
      store
        .list()
        .map(({ topicId, partition }) => `${topicId}/${partition}`)
        .sort(),
    ).toEqual([`${METADATA_TOPIC_ID}/0`, `${topicOf('t').id}/0`, `${topicOf('t').id}/1`].sort())
    expect(lines).toMatchObject([{ fields: { partitions: 2 } }])
  })

  test('keeps every log when the metadata has no topic: it is the metadata that is missing', async () => {
    const store = emptyStore()
    const { settings } = fixture.partitions.find(topicOf('t'), 0)!
    const log = await store.open({ topicId: 'Zm9vYmFyYmF6cXV4cXV1eA', topicName: 'x', partition: 0 }, settings.log)
    await log.close()
    const { table, lines } = tableOver(store)
    fixture.cluster.byName.clear()
    await table.start()
    expect(store.list()).toHaveLength(1)
    expect(lines).toMatchObject([{ message: expect.stringContaining('kept') }])
  })

  test('a log that cannot be opened is offline by itself', async () => {
    const store = emptyStore()
    const open = store.open.bind(store)
    jest.spyOn(store, 'open').mockImplementation((identity, config) => {
      return identity.partition === 1
        ? Promise.reject(new Error('bad bytes at offsets 3 to 9'))
        : open(identity, config)
    })
    const { table, lines } = tableOver(store)
    await table.start()
    expect(lines).toMatchObject([{ fields: { topic: 't', partition: 1, error: 'bad bytes at offsets 3 to 9' } }])
    fixture.partitions = table
    const client = fixture.client()
    const codeOf = async (index: number) =>
      (await fixture.settle(client.send(Fetch, 12, fetchRequest('t', { partitions: [index] }))))!.responses[0]!
        .partitions[0]!.errorCode
    expect([await codeOf(0), await codeOf(1)]).toEqual([ErrorCode.NONE, ErrorCode.KAFKA_STORAGE_ERROR])
    const refused = await fixture.settle(
      client.send(Produce, 9, produceRequest('t', batchOf(['a']), { index: 1, acks: -1 })),
    )
    expect(refused?.responses[0]?.partitionResponses).toMatchObject([
      { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, baseOffset: -1n, logStartOffset: -1n },
    ])
  })
})

describe('a start that takes long', () => {
  test('says after each two seconds how far it is, and nothing when it is quick', async () => {
    await fixture.createTopic('t', { partitions: 5 })
    const { clock } = fixture
    const store = emptyStore()
    const slow = tableOver({
      open: async (...arguments_) => {
        clock.advance(900)
        return store.open(...arguments_)
      },
      list: () => [],
      checkpoints: (identity) => store.checkpoints(identity),
      remove: (identity) => store.remove(identity),
      close: () => store.close(),
    })
    await slow.table.start()
    // Five times 900 ms.
    expect(slow.lines.map(({ message, fields }) => [message, fields['of']])).toEqual([
      ['opening partitions', 5],
      ['opening partitions', 5],
    ])
    const quick = tableOver(emptyStore())
    await quick.table.start()
    clock.advance(10_000)
    expect(quick.lines).toEqual([])
  })

  test('also while one log alone takes all the time', async () => {
    await fixture.createTopic('t')
    const store = emptyStore()
    let letGo = (): void => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const { lines, table } = tableOver({
      open: (...arguments_) => held.then(() => store.open(...arguments_)),
      list: () => [],
      checkpoints: (identity) => store.checkpoints(identity),
      remove: (identity) => store.remove(identity),
      close: () => store.close(),
    })
    const started = table.start()
    fixture.clock.advance(1999)
    expect(lines).toEqual([])
    fixture.clock.advance(1)
    fixture.clock.advance(2000)
    expect(lines).toEqual(
      Array.from({ length: 2 }, () => ({ message: 'opening partitions', fields: { opened: 0, of: 1 } })),
    )
    letGo()
    await started
    fixture.clock.advance(10_000)
    expect(lines).toHaveLength(2)
  })
})
