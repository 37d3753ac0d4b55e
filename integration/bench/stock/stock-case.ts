import type { Case } from '../case.ts'
import { settleDisk } from '../machine.ts'
import { cpuMs, residentBytes, watchMachine } from '../process-cost.ts'
import type { Sample } from '../sample.ts'
import type { Broker } from '../target.ts'
import { createTopic, deleteTopic } from '../topics.ts'

/** What a client's own program says, and the processor time that it took where it says so. */
export interface ClientFigures {
  readonly figures: Sample['figures']
  /** Of values, that went through the broker: once, also where they came back. */
  readonly mb: number
  readonly clientCpuMs?: number
}

export interface StockClient {
  readonly name: string
  /** What the first run may have to fetch and compile. */
  readonly prepare?: () => Promise<unknown>
  /** Before the rounds, with a topic of one partition that stays over all of them; else each round has a topic of its own. */
  readonly fill?: (broker: Broker, topic: string) => Promise<void>
  readonly run: (broker: Broker, topic: string) => Promise<ClientFigures>
}

let topics = 0

/** A stock client against this broker and against Kafka. */
export function stockCase({ name, prepare, fill, run }: StockClient): Case {
  const measure = async (broker: Broker, topic: string): Promise<Sample> => {
    await settleDisk()
    const shares = watchMachine()
    const cpuBefore = cpuMs(broker.pid)
    const { figures, mb, clientCpuMs } = await run(broker, topic)
    const brokerCpuMs = cpuMs(broker.pid) - cpuBefore
    const cpuUsPerMb = (brokerCpuMs * 1000) / mb
    const share = clientCpuMs === undefined ? {} : { cpuShareOfClient: brokerCpuMs / clientCpuMs }
    const residentMb = residentBytes(broker.pid) / 1e6
    const machine = shares(brokerCpuMs + (clientCpuMs ?? 0))
    return { figures: { ...figures, ...share, cpuUsPerMb, residentMb }, ...machine, generatorShare: 0 }
  }
  return {
    name,
    targets: ['odradek', 'kafka'],
    async open(brokers, target) {
      if (target === 'limit') throw new Error('the C program serves no stock client')
      await prepare?.()
      const broker = await brokers.get(target)
      const newTopic = async (): Promise<string> => {
        const topic = `stock-${process.pid}-${++topics}`
        await createTopic(broker.port, { name: topic, partitions: 1 })
        return topic
      }
      if (fill === undefined)
        return {
          async round() {
            const topic = await newTopic()
            const sample = await measure(broker, topic)
            await deleteTopic(broker.port, topic)
            return sample
          },
          end: async () => {},
        }
      const topic = await newTopic()
      await fill(broker, topic)
      return { round: () => measure(broker, topic), end: () => deleteTopic(broker.port, topic) }
    },
  }
}
