import { createBroker, resolveBrokerConfig, type StartedNode } from '@odradek/broker'
import { type Clock, type Logger, type Prng, SystemClock, SystemPrng, silentLogger } from '@odradek/core'
import { MemoryFs } from '@odradek/log'

/** What a test's broker may keep; taken only as records come. */
const MEMORY_LOG_BYTES = 512 * 1024 * 1024

export interface TestBrokerOptions {
  /** Partitions by the name of a topic; they are there when the broker is. */
  readonly topics?: Readonly<Record<string, number>>
  /** Nodes of the cluster; 1 unless said otherwise. */
  readonly brokers?: number
  /** Rack of each node. */
  readonly racks?: readonly string[]
  /** Any of Kafka's keys and ours, over what a test's broker has by itself. */
  readonly settings?: Readonly<Record<string, string>>
  /** For tests that move time themselves. */
  readonly clock?: Clock
  /** For tests that want the same ids every time. */
  readonly prng?: Prng
  /** Nothing is logged without one. */
  readonly logger?: Logger
}

export interface TestBroker {
  readonly clusterId: string
  /** `host:port` of every node, for a client's list of brokers. */
  readonly bootstrap: readonly string[]
  readonly nodes: readonly StartedNode[]
  /** Takes one node out: clients go to the others, which lead in its place. */
  stopNode(id: number): Promise<void>
  /** Brings it back, with all that was written meanwhile. */
  startNode(id: number): Promise<void>
  /** Ends it, and all it kept; may be called more than once. */
  stop(): Promise<void>
}

/**
 * A broker in this process, in memory, on free ports of this machine: ready for clients when it resolves.
 * @throws Error whose message names the setting that cannot be served.
 */
export async function startBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const config = resolveBrokerConfig(new Map(Object.entries(settingsFor(options))), MEMORY_LOG_BYTES)
  const clock = options.clock ?? new SystemClock()
  const prng = options.prng ?? new SystemPrng()
  const logger = options.logger ?? silentLogger
  const broker = createBroker({ config, fs: new MemoryFs(), clock, prng, logger, softwareVersion: 'test' })
  const { clusterId, nodes } = await broker.start()
  const bootstrap = nodes.flatMap(({ listeners }) =>
    listeners.slice(0, 1).map(({ advertisedHost, advertisedPort }) => `${advertisedHost}:${advertisedPort}`),
  )
  return {
    clusterId,
    bootstrap,
    nodes,
    stopNode: (id) => broker.stopNode(id),
    startNode: (id) => broker.startNode(id),
    stop: () => broker.stop(),
  }
}

function settingsFor({
  topics = {},
  brokers = 1,
  racks = [],
  settings = {},
}: TestBrokerOptions): Record<string, string> {
  const named = Object.entries(topics).map(([name, partitions]) => `${name}:${partitions}`)
  return {
    listeners: 'PLAINTEXT://localhost:0',
    'odradek.ephemeral': 'true',
    'odradek.brokers': String(brokers),
    'odradek.topics': named.join(),
    'odradek.racks': racks.join(),
    ...settings,
  }
}
