import { SeededPrng } from '@odradek/core'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { createdTopic } from './broker-calls.ts'
import { type Fault, faultsOf } from './checker.ts'
import { Load } from './load.ts'

const TOPIC = 'killed'
const PARTITIONS = 16
/** Acknowledged batches between a start and the next end. */
const PROGRESS_MIN = 20
const PROGRESS_RANGE = 200

export interface CyclesOptions {
  readonly seed: number
  readonly cycles: number
  readonly how: 'kill' | 'stop'
  /** Called when the broker has ended and before it is started again, with what it exited with. */
  readonly ended?: (broker: BrokerProcess, exitCode: number | null) => void
  /** Called when it has been started again. */
  readonly started?: (broker: BrokerProcess) => void
}

export interface CyclesOutcome {
  readonly acknowledgedBatches: number
  readonly acknowledgedRecords: number
  readonly unansweredBatches: number
  /** Of the unanswered: those that the broker has served. */
  readonly servedUnanswered: number
  readonly retriedBatches: number
  readonly recordsRead: number
  readonly commits: number
  readonly faults: readonly Fault[]
}

export const portOf = (broker: BrokerProcess): number => Number(broker.bootstrap[0]?.split(':').at(-1))

/** A broker under load that is ended and started again, over and over, on the same directory. */
export async function cyclesUnderLoad({ seed, cycles, how, ended, started }: CyclesOptions): Promise<CyclesOutcome> {
  const prng = new SeededPrng(seed)
  const broker = await BrokerProcess.start({ port: await freePorts(1) })
  try {
    const port = portOf(broker)
    const client = await WireClient.open(port)
    await createdTopic(client, TOPIC, PARTITIONS)
    client.close()
    const load = new Load({ port, topic: TOPIC, partitions: PARTITIONS, prng })
    try {
      for (let cycle = 0; cycle < cycles; cycle++) {
        await load.progress(PROGRESS_MIN + prng.below(PROGRESS_RANGE))
        const exitCode = await broker[how]()
        ended?.(broker, exitCode)
        await broker.start()
        started?.(broker)
      }
      await load.progress(PROGRESS_MIN)
      // On a busy machine readers may not have come so far yet.
      await until('an offset is committed', () => load.history.commits.some(({ kind }) => kind === 'committed'))
    } finally {
      await load.stop()
    }
    await load.readFinal()
    return outcomeOf(load)
  } finally {
    await broker.dispose()
  }
}

export function outcomeOf(load: Load): CyclesOutcome {
  const { sent, readings, commits, final } = load.history
  const there = new Set([...final.values()].flatMap(({ records }) => records.map(({ batch }) => batch)))
  const unanswered = sent.filter(({ outcome }) => outcome.kind === 'lost')
  const acknowledged = sent.filter(({ outcome }) => outcome.kind === 'acknowledged')
  return {
    acknowledgedBatches: acknowledged.length,
    acknowledgedRecords: acknowledged.reduce((sum, { records }) => sum + records.length, 0),
    unansweredBatches: unanswered.length,
    servedUnanswered: unanswered.filter(({ batch }) => there.has(batch)).length,
    retriedBatches: load.retried,
    recordsRead: readings.reduce((sum, { records }) => sum + records.length, 0),
    commits: commits.filter(({ kind }) => kind === 'committed').length,
    faults: faultsOf(load.history),
  }
}
