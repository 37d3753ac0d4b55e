import { type NodeId, nodeId } from '@odradek/core'
import { type AuthorizerSettings, authorizerSettings } from './acls/authorizer-config.ts'
import { cordonedProblem } from './config/cordoned-directories.ts'
import { type BrokerLayers, NO_CONFIGS } from './config/layers.ts'
import type { ResolvedBrokerConfig } from './config/resolve-broker-config.ts'
import { type HttpPlan, type ListenersPlan, planHttp, planListeners } from './listener-config.ts'
import { resolveFeatures } from './metadata/features.ts'
import { accessOf } from './security/listener-access.ts'
import { ListenerKeys } from './security/listener-keys.ts'

/** A setting with which the broker does not start; the message names key, value and remedy. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** A topic that is made at the start where it is missing. */
export interface StartTopic {
  readonly name: string
  /** -1: num.partitions */
  readonly partitions: number
}

export interface DataDirectories {
  /** log.dirs, as they are written. */
  readonly partitions: readonly string[]
  /** metadata.log.dir: one of them, or one of its own. */
  readonly metadata: string
}

/** What only the start of a process needs to know. */
export interface StartSettings {
  readonly nodeIds: readonly NodeId[]
  /** Of each node. */
  readonly racks: readonly (string | null)[]
  readonly listeners: ListenersPlan
  readonly authorization: AuthorizerSettings
  /** Null: no metrics over HTTP. */
  readonly http: HttpPlan | null
  /** Null: everything is kept in memory. */
  readonly dataDirectories: DataDirectories | null
  readonly topics: readonly StartTopic[]
  /** Level by feature. */
  readonly features: ReadonlyMap<string, number>
}

/** node.id has no default in Kafka. */
const FIRST_NODE_ID = 1

/** The wire has 32 bits for it. */
const NODE_ID_MAX = 2_147_483_647

/** @throws StartError or ListenerConfigError */
export function readStartSettings(config: ResolvedBrokerConfig, hostname: string): StartSettings {
  const features = resolveFeatures(listOf(config.text('odradek.features')))
  const problems = [...config.problems, ...features.problems]
  if (problems.length > 0) throw new StartError(problems.join('; '))
  const roles = listOf(config.text('process.roles'))
  if (roles.length > 0 && !roles.includes('broker')) {
    throw new StartError(
      `process.roles=${roles.join()}: odradek is always a broker and needs no controller; remove the key`,
    )
  }
  const firstId = Number(config.text('node.id') ?? FIRST_NODE_ID)
  const nodes = Number(config.text('odradek.brokers') ?? 1)
  if (firstId > NODE_ID_MAX - (nodes - 1)) {
    throw new StartError(
      `node.id=${firstId} leaves no room for ${nodes} nodes below ${NODE_ID_MAX}; choose a lower one`,
    )
  }
  const cordoned = cordonedProblem(startLayers(config))
  if (cordoned !== null) {
    throw new StartError(`cordoned.log.dirs=${config.text('cordoned.log.dirs')}: it must be ${cordoned}`)
  }
  return {
    nodeIds: Array.from({ length: nodes }, (_, index) => nodeId(firstId + index)),
    racks: racksOf(config, nodes),
    listeners: planListeners({
      listeners: config.text('listeners') ?? '',
      advertisedListeners: config.text('advertised.listeners'),
      securityProtocolMap: config.text('listener.security.protocol.map'),
      controllerListenerNames: config.text('controller.listener.names'),
      accessOf: (listener, protocol) => accessOf(new ListenerKeys(listener, () => startLayers(config)), protocol),
      insecure: config.text('odradek.insecure') === 'true',
      nodes,
      hostname,
    }),
    authorization: authorizerSettings(config),
    http: planHttp(config.text('odradek.http.listener') ?? '', config.text('odradek.insecure') === 'true'),
    dataDirectories: config.text('odradek.ephemeral') === 'true' ? null : dataDirectoriesOf(config),
    topics: listOf(config.text('odradek.topics')).map(parseTopic),
    features: features.levels,
  }
}

/** Until the metadata are read. */
export function startLayers({ entries }: ResolvedBrokerConfig): BrokerLayers {
  return { dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: entries }
}

/** odradek.racks names one for each node, broker.rack one for all. */
function racksOf(config: ResolvedBrokerConfig, nodes: number): readonly (string | null)[] {
  const racks = listOf(config.text('odradek.racks'))
  if (racks.length === 0) return Array.from({ length: nodes }, () => config.text('broker.rack'))
  if (racks.length === nodes) return racks
  throw new StartError(
    `odradek.racks names ${racks.length} racks for ${nodes} nodes: write one for each, for example a,b,a`,
  )
}

function dataDirectoriesOf(config: ResolvedBrokerConfig): DataDirectories {
  const partitions = listOf(config.text('log.dirs') ?? config.text('log.dir'))
  const [first] = partitions
  if (first === undefined)
    throw new StartError('log.dirs is empty: name a directory, or keep everything in memory with --ephemeral')
  return { partitions, metadata: config.text('metadata.log.dir')?.trim() || first }
}

function parseTopic(text: string): StartTopic {
  const [name, count, ...rest] = text.split(':')
  const partitions = count === undefined ? -1 : Number(count)
  if (name === undefined || name === '' || rest.length > 0 || !(partitions === -1 || /^[1-9]\d*$/.test(count ?? ''))) {
    throw new StartError(`--topic ${text}: write NAME or NAME:PARTITIONS, for example orders:3`)
  }
  return { name, partitions }
}

function listOf(text: string | null): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
