import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeWithUs } from '../harness/end-with-us.ts'
import { runLoad } from './load-run.ts'
import { LOAD_WORKLOADS, type LoadWorkload } from './load-workload.ts'
import { packRequests } from './packed-requests.ts'
import { cpuMs } from './process-cost.ts'
import type { Broker } from './target.ts'
import { createTopic, deleteTopic } from './topics.ts'

/** What compiles the paths that are measured, and how much of the time each has. */
const PARTS: readonly (readonly [part: string, share: number])[] = [
  ['produce 200 B, 100 connections', 0.3],
  ['produce 200 B pipelined', 0.1],
  ['produce 16 KB, 1 x 32', 0.2],
  ['produce 100 KB', 0.1],
  ['deliver 1 KB at 2,000/s', 0.3],
]

const PASSES_MAX = 3

async function load(broker: Broker, workload: LoadWorkload, ms: number, directory: string): Promise<void> {
  const topic = `warm-up-${process.pid}-${Math.round(performance.now())}`
  await createTopic(broker.port, { name: topic, partitions: workload.partitions })
  const { options, batch } = packRequests({ ...workload, rate: 0 }, topic, directory)
  const { port } = broker
  if (workload.kind === 'produce') await runLoad('produce', { ...options, port, warmUpMs: 0, windowMs: ms })
  else {
    const { rate, consumers } = workload
    await runLoad('open', { ...options, port, rate, consumers, warmUpMs: 0, windowMs: ms / 2 })
    // What has been delivered is fetched again, without waiting.
    const fetches = packRequests({ ...workload, kind: 'fetch' }, topic, directory)
    const endOffset = Math.floor((rate * ms) / 2000 / batch.records)
    await runLoad('fetch', { ...fetches.options, port, endOffset, warmUpMs: 0, windowMs: ms / 2 })
  }
  await deleteTopic(broker.port, topic)
}

export interface WarmUp {
  readonly ms: number
  /** Of the broker's processors: where others use the machine, what is to be compiled takes longer. */
  readonly cpuMs: number
}

async function allParts(broker: Broker, ms: number, directory: string): Promise<void> {
  for (const [part, share] of PARTS) {
    const workload = LOAD_WORKLOADS.find(({ name }) => name.startsWith(part))
    if (workload === undefined) throw new Error(`no workload is called ${part}`)
    await load(broker, workload, ms * share, directory)
  }
}

/** Load of all kinds for so long; again, where the broker could do little in that time. */
export async function warmUp(broker: Broker, { ms, cpuMs: wanted }: WarmUp): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-warm-up-'))
  const remove = removeWithUs(directory)
  const before = cpuMs(broker.pid)
  try {
    for (let pass = 0; pass < PASSES_MAX; pass++) {
      await allParts(broker, ms, directory)
      if (cpuMs(broker.pid) - before >= wanted) break
    }
  } finally {
    remove()
  }
}
