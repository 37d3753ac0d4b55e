import { type Prng, SeededPrng, timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { createdTopic, produce, readWhole } from './broker-calls.ts'
import { faultsOf } from './checker.ts'
import { compactionFaults, type KeyWrite } from './compacted-checker.ts'
import { recordDigest } from './history.ts'
import { Load } from './load.ts'
import { LoadClient } from './load-client.ts'

const COMPACTED = 'compacted'
const AGED = 'aged'
const AGED_PARTITIONS = 2
/** Many times what is retained. */
const AGED_BYTES_A_KILL = 1_500_000
const KEYS = 20
const PROGRESS_MIN = 50
const PROGRESS_RANGE = 100
const COMPACTION = {
  'cleanup.policy': 'compact',
  'internal.segment.bytes': '20000',
  'min.cleanable.dirty.ratio': '0.01',
  'segment.ms': '200',
}
/** The largest batch fits a segment. */
const RETENTION = { 'internal.segment.bytes': '60000', 'retention.bytes': '100000' }

/** Everything that happens at intervals happens nearly always, so that a kill hits it. */
const ENVIRONMENT = {
  KAFKA_LOG_CLEANER_BACKOFF_MS: '20',
  KAFKA_LOG_INITIAL_TASK_DELAY_MS: '20',
  KAFKA_LOG_RETENTION_CHECK_INTERVAL_MS: '50',
  KAFKA_LOG_SEGMENT_DELETE_DELAY_MS: '50',
}

/** Overwrites a few keys, one write after the other. */
class KeyedProducer extends LoadClient {
  readonly writes: KeyWrite[] = []
  private readonly prng: Prng

  constructor(port: number, prng: Prng) {
    super(port)
    this.prng = prng
  }

  protected override async serve(client: WireClient): Promise<void> {
    while (!this.isStopped) {
      const key = `key-${this.prng.below(KEYS)}`
      const record = {
        timestamp: timestamp(BigInt(Date.now())),
        key: Buffer.from(key),
        value: Buffer.alloc(200 + this.prng.below(600), `${this.writes.length} `),
        headers: [],
      }
      const write: KeyWrite = { key, record: recordDigest(record), offset: null }
      this.writes.push(write)
      const { errorCode, baseOffset } = await produce(client, COMPACTED, 0, buildBatch({ records: [record] }))
      if (errorCode !== ErrorCode.NONE) throw new Error(`a write of ${key}: error ${errorCode}`)
      write.offset = baseOffset
    }
  }
}

export interface AgeingOutcome {
  readonly faults: readonly unknown[]
  /** Acknowledged records that compaction has removed. */
  readonly compactedAway: number
  /** Log start offsets, summed, of what retention has deleted from. */
  readonly deletedUpTo: number
}

/** Kills a broker whose topics are compacted and deleted all the time. */
export async function ageingCycles(prng: Prng, kills: number): Promise<AgeingOutcome> {
  const port = await freePorts(1)
  const broker = await BrokerProcess.start({ port, environment: ENVIRONMENT })
  try {
    const client = await WireClient.open(port)
    await createdTopic(client, COMPACTED, 1, COMPACTION)
    await createdTopic(client, AGED, AGED_PARTITIONS, RETENTION)
    client.close()
    const keyed = new KeyedProducer(port, new SeededPrng(prng.below(2 ** 32)))
    const load = new Load({
      port,
      topic: AGED,
      partitions: AGED_PARTITIONS,
      prng,
      producers: 1,
      readers: 1,
      bytesMax: (kills + 1) * AGED_BYTES_A_KILL,
      ages: true,
    })
    try {
      for (let kill = 0; kill <= kills; kill++) {
        const target = keyed.writes.length + PROGRESS_MIN + prng.below(PROGRESS_RANGE)
        await until('more writes', () => keyed.writes.length >= target, 30_000)
        if (kill < kills) await broker.restart('kill')
      }
    } finally {
      await Promise.all([keyed.stop(), load.stop()])
    }
    return await outcomeOf(port, keyed, load)
  } finally {
    await broker.dispose()
  }
}

async function outcomeOf(port: number, { writes }: KeyedProducer, load: Load): Promise<AgeingOutcome> {
  const client = await WireClient.open(port)
  const compacted = await readWhole(client, COMPACTED, 0)
  client.close()
  await load.readFinal()
  const there = new Set(compacted.records.map(({ record }) => record))
  return {
    faults: [...compactionFaults(writes, compacted), ...faultsOf(load.history)],
    compactedAway: writes.filter(({ record, offset }) => offset !== null && !there.has(record)).length,
    deletedUpTo: [...load.history.final.values()].reduce((sum, { logStartOffset }) => sum + logStartOffset, 0),
  }
}
