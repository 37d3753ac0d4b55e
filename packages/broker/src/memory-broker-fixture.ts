import { nodeId, SeededPrng, SystemClock } from '@odradek/core'
import { memoryLogDirectories } from '@odradek/log'
import { allowAll } from './authorizer.ts'
import { createStartTopics, openServices } from './broker-services.ts'
import { BrokerLoggers } from './config/broker-loggers.ts'
import { resolveBrokerConfig } from './config/resolve-broker-config.ts'
import type { DispatchTable } from './dispatch.ts'
import { handlers } from './handlers/index.ts'
import { type NodeRegistration, openMetadata } from './metadata/metadata.ts'
import { BrokerMetrics } from './metrics/broker-metrics.ts'
import { registry } from './registry.ts'
import type { Services } from './services.ts'

const MEMORY_BYTES = 256 * 1024 * 1024
export const FIRST_NODE = nodeId(1)

export interface MemoryBroker {
  readonly table: DispatchTable
  readonly services: Services
  close(): Promise<void>
}

/** All that a broker has behind its sockets, in memory, with a topic `t`; what it logs as an error goes to `log`. */
export async function openMemoryBroker(
  seed: number,
  log: string[],
  changes: Readonly<Record<string, string>> = {},
): Promise<MemoryBroker> {
  const clock = new SystemClock()
  const prng = new SeededPrng(seed)
  const error = (message: string, fields: object = {}) => log.push(`${message} ${Object.values(fields).join(' ')}`)
  const logger = { debug() {}, info() {}, warn() {}, error }
  const config = resolveBrokerConfig(
    new Map([['delegation.token.secret.key', 'secret'], ...Object.entries(changes)]),
    MEMORY_BYTES,
  )
  const clusterId = 'L2odPFt-T4CRorPE1eb3CA'
  const store = memoryLogDirectories({
    path: '/memory',
    id: clusterId,
    clock,
    prng,
    logger,
    bytesMax: MEMORY_BYTES,
    whenFull: 'dropOldest',
  })
  const metadata = await openMetadata({
    logStore: store,
    clusterId,
    directories: { online: () => [clusterId], open: () => [clusterId], wished: () => null },
    config,
    clock,
    prng,
    logger,
  })
  const endpoints: NodeRegistration['endpoints'] = [
    { listener: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 'PLAINTEXT' },
  ]
  await metadata.start({ nodes: [{ id: FIRST_NODE, rack: null, endpoints }], features: new Map() })
  const rows = registry(handlers)
  const nodeIds = [FIRST_NODE]
  const loggers = new BrokerLoggers(logger, 'TRACE')
  const metrics = new BrokerMetrics()
  const services = await openServices({ nodeIds, served: rows.served, metadata, store, metrics, clock, prng, loggers })
  await createStartTopics(services, [{ name: 't', partitions: 2 }])
  const close = async () => {
    await services.close()
    await metadata.close()
    await store.close()
  }
  return { table: { registry: rows, services, authorizer: allowAll, logger }, services, close }
}
