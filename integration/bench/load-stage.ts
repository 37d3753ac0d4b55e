import { type Brokers, startLimit } from './brokers.ts'
import { runLoad } from './load-run.ts'
import type { LoadWorkload } from './load-workload.ts'
import { settleDisk } from './machine.ts'
import { packRequests } from './packed-requests.ts'
import { type Sample, sampleOf } from './sample.ts'
import type { TargetName } from './target.ts'
import { createTopic, deleteTopic } from './topics.ts'

const WARM_UP_MS = 500
/** What is there to be fetched, over all partitions. */
const FILL_BYTES = 256_000_000
const FILL_DEPTH = 4

/** A workload made ready at one target. */
export interface Stage {
  round(): Promise<Sample>
  end(): Promise<void>
}

/** A topic at a broker; at the C program, which has no topics, a process. */
interface Place {
  readonly port: number
  readonly pid: number
  remove(): Promise<void>
}

let topics = 0

async function openPlace(brokers: Brokers, target: TargetName, workload: LoadWorkload, topic: string): Promise<Place> {
  const { partitions, flushes } = workload
  if (target === 'limit') {
    const limit = await startLimit(brokers.directory.next('limit'), { partitions, flushes, fetch: 'sendfile' })
    return { ...limit, remove: () => limit.end() }
  }
  const { port, pid } = await brokers.get(target)
  const configs: Record<string, string> = flushes && target === 'kafka' ? { 'flush.messages': '1' } : {}
  await createTopic(port, { name: topic, partitions, configs })
  return { port, pid, remove: () => deleteTopic(port, topic) }
}

const newTopic = (): string => `bench-${process.pid}-${++topics}`.padEnd(20, '-')

async function fill(place: Place, workload: LoadWorkload, topic: string, directory: string): Promise<number> {
  const { options, batch } = packRequests({ ...workload, kind: 'produce' }, topic, directory)
  const batches = Math.ceil(FILL_BYTES / workload.partitions / batch.bytes.length)
  const count = batches * workload.partitions
  await runLoad('produce', { ...options, port: place.port, connections: 1, depth: FILL_DEPTH, count })
  return batches * batch.records
}

/** All partitions are filled before the first round; every round reads them from the page cache, over and over. */
export async function fetchStage(brokers: Brokers, target: TargetName, workload: LoadWorkload): Promise<Stage> {
  const topic = newTopic()
  const place = await openPlace(brokers, target, workload, topic)
  const directory = brokers.directory.next('requests')
  const endOffset = await fill(place, workload, topic, directory)
  const { options } = packRequests(workload, topic, directory)
  const { port, pid } = place
  const times = { warmUpMs: WARM_UP_MS, windowMs: workload.windowMs }
  return {
    round: async () => sampleOf(await runLoad('fetch', { ...options, ...times, port, pid, endOffset })),
    end: () => place.remove(),
  }
}

/** Every round has a topic of its own. */
export async function freshStage(brokers: Brokers, target: TargetName, workload: LoadWorkload): Promise<Stage> {
  // Starting and warming up is no part of a round.
  if (target !== 'limit') await brokers.get(target)
  return {
    async round() {
      const topic = newTopic()
      await settleDisk()
      const place = await openPlace(brokers, target, workload, topic)
      try {
        const { options } = packRequests(workload, topic, brokers.directory.next('requests'))
        const { port, pid } = place
        const times = { warmUpMs: WARM_UP_MS, windowMs: workload.windowMs }
        const { rate, consumers } = workload
        const mode = workload.kind === 'deliver' ? 'open' : 'produce'
        return sampleOf(await runLoad(mode, { ...options, ...times, rate, consumers, port, pid }))
      } finally {
        await place.remove()
      }
    },
    end: async () => {},
  }
}
