import { setTimeout as pause } from 'node:timers/promises'
import { ask } from './ask.ts'
import { type Brokers, newKafka, type OwnBroker, startKafka, startOdradek } from './brokers.ts'
import type { Case } from './case.ts'
import type { Stage } from './load-stage.ts'
import { cpuMs, residentBytes, watchMachine } from './process-cost.ts'
import { API_VERSIONS_FRAME } from './requests.ts'
import type { TargetName } from './target.ts'

const ANSWER_MS_MAX = 60_000
/** When a process that has started has come to rest. */
const IDLE_MS = 5000

export async function firstAnswer(port: number): Promise<void> {
  const endMs = performance.now() + ANSWER_MS_MAX
  for (;;) {
    try {
      await ask({ host: '127.0.0.1', port }, API_VERSIONS_FRAME)
      return
    } catch (error) {
      if (performance.now() > endMs) throw error
      await pause(2)
    }
  }
}

/** A process over an empty directory; formatting Kafka's is no part of its start. */
async function timedStart(brokers: Brokers, target: TargetName): Promise<readonly [OwnBroker, number]> {
  const directory = brokers.directory.next(target)
  const isKafka = target === 'kafka'
  if (isKafka) await newKafka(directory).format()
  const begunMs = performance.now()
  const broker = await (isKafka ? startKafka(directory) : startOdradek(directory))
  await firstAnswer(broker.port)
  return [broker, performance.now() - begunMs]
}

function startStage(brokers: Brokers, target: TargetName): Stage {
  return {
    async round() {
      const shares = watchMachine()
      const ownBefore = cpuMs(process.pid)
      const [broker, startMs] = await timedStart(brokers, target)
      try {
        const machine = shares(cpuMs(broker.pid) + cpuMs(process.pid) - ownBefore)
        await pause(IDLE_MS)
        const residentMb = residentBytes(broker.pid) / 1e6
        return { figures: { startMs, residentMb }, ...machine, generatorShare: 0 }
      } finally {
        await broker.end()
      }
    },
    end: async () => {},
  }
}

export const START_CASE: Case = {
  name: 'start over nothing, then idle',
  targets: ['odradek', 'kafka'],
  open: async (brokers, target) => startStage(brokers, target),
}
