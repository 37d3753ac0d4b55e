import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Brokers, startKafka, startOdradek } from './brokers.ts'
import type { Case } from './case.ts'
import { runLoad } from './load-run.ts'
import type { Stage } from './load-stage.ts'
import { LOAD_WORKLOADS } from './load-workload.ts'
import { packRequests } from './packed-requests.ts'
import { residentBytes } from './process-cost.ts'
import { sampleOf } from './sample.ts'
import { firstAnswer } from './start-case.ts'
import type { TargetName } from './target.ts'
import { createTopic } from './topics.ts'

/** Kafka makes no more partitions at once. */
const PARTITIONS_A_TOPIC = 1000
const TOPICS = 10
const SETTLE_MS = 2000
const WINDOW_MS = 3000

/** A broker of its own, 10,000 partitions, and a batch to each in turn. */
function partitionsStage(brokers: Brokers, target: TargetName): Stage {
  return {
    async round() {
      const workload = LOAD_WORKLOADS.find(({ name }) => name === 'produce 1 KB, 16 x 4')
      if (workload === undefined) throw new Error('no workload to produce with')
      const directory = brokers.directory.next(target)
      const broker = await (target === 'kafka' ? startKafka(directory) : startOdradek(directory))
      try {
        await firstAnswer(broker.port)
        await pause(SETTLE_MS)
        const before = residentBytes(broker.pid)
        const requests = brokers.directory.next('requests')
        const frames: Uint8Array[] = []
        const packed = Array.from({ length: TOPICS }, (_, index) => {
          const one = packRequests({ ...workload, partitions: PARTITIONS_A_TOPIC }, `many-${index}`, requests)
          frames.push(readFileSync(String(one.options['frames'])))
          return one
        })
        for (let index = 0; index < TOPICS; index++)
          await createTopic(broker.port, { name: `many-${index}`, partitions: PARTITIONS_A_TOPIC })
        const file = join(requests, 'all')
        writeFileSync(file, Buffer.concat(frames))
        const { port, pid } = broker
        const all = { ...packed[0]?.options, frames: file, port, pid }
        const count = TOPICS * PARTITIONS_A_TOPIC
        await runLoad('produce', { ...all, connections: 1, depth: 8, count })
        await pause(SETTLE_MS)
        const kbPerPartition = (residentBytes(pid) - before) / 1000 / count
        const sample = sampleOf(await runLoad('produce', { ...all, warmUpMs: WINDOW_MS, windowMs: WINDOW_MS }))
        return { ...sample, figures: { ...sample.figures, kbPerPartition } }
      } finally {
        await broker.end()
      }
    },
    end: async () => {},
  }
}

export const PARTITIONS_CASE: Case = {
  name: 'produce 1 KB, 16 x 4, 10,000 partitions',
  targets: ['odradek', 'kafka'],
  rounds: 1,
  open: async (brokers, target) => partitionsStage(brokers, target),
}
