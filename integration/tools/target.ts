import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { endNode, killReference, startReference } from '../kafka-reference/running-reference.ts'
import type { Scenario } from './scenario.ts'
import { SECURED_PORTS, securedEnvironment, securedListeners, securedProperties } from './secured.ts'

export const BUNDLE = join(process.cwd(), 'dist/odradek.cjs')
/** What the real one is started with too, as far as tools can see it. */
const SETTINGS = { KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '5', KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1' }
const RELEASE = 'kafka-4.4'

/** A cluster that tools are run against. */
export interface Target {
  readonly addresses: readonly string[]
  /** Where users log in; null where none do. */
  readonly users: string | null
  readonly logDirectories: readonly string[]
  /** Resolves when the node is down and the others know it. */
  stopNode(id: number): Promise<void>
  stop(): Promise<unknown>
}

const usersOn = (port: number | null): string | null => (port === null ? null : `127.0.0.1:${port + 2}`)

const securedPort = async ({ secured }: Scenario): Promise<number | null> =>
  secured === true ? freePorts(SECURED_PORTS) : null

export async function odradekTarget(scenario: Scenario): Promise<Target> {
  const { nodes = 1 } = scenario
  const port = await securedPort(scenario)
  const secured = port === null ? {} : securedEnvironment()
  const listeners = port === null ? {} : { listeners: securedListeners(port) }
  const environment = { ...SETTINGS, ...secured }
  const broker = await BrokerProcess.start({ environment, ...listeners, ...(nodes > 1 && { brokers: nodes }) })
  return {
    addresses: broker.bootstrap,
    users: usersOn(port),
    logDirectories: [broker.dataDirectory],
    stopNode: async (id) => {
      const words = [BUNDLE, 'node', 'stop', String(id), '--data-dir', broker.dataDirectory]
      const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
      if (status !== 0) throw new Error(`node ${id} does not stop: ${stderr}`)
    },
    stop: () => broker.dispose(),
  }
}

export async function kafkaTarget(scenario: Scenario, directory: string): Promise<Target> {
  const { nodes = 1 } = scenario
  if (nodes === 1) return singleKafka(await securedPort(scenario), join(directory, 'kafka'))
  const running = await startReference(RELEASE, nodes)
  return {
    addresses: running.plain,
    users: null,
    logDirectories: running.dataDirectories.flat(),
    stopNode: (id) => endNode(running, id),
    stop: async () => killReference(running),
  }
}

async function singleKafka(port: number | null, home: string): Promise<Target> {
  const settings = port === null ? '' : securedProperties(port)
  const kafka = new KafkaProcess(RELEASE, home, join(home, 'data'), settings, port ?? 0)
  await kafka.start()
  return {
    addresses: [kafka.bootstrap],
    users: usersOn(port),
    logDirectories: [kafka.dataDirectory],
    stopNode: async () => {
      throw new Error('the only node is not stopped by a scenario')
    },
    stop: () => kafka.stop(),
  }
}
