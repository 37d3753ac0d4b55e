import { ManualClock, nodeId, SeededPrng, silentLogger } from '@odradek/core'
import { diskLogStore, type LogDirectoryTable, type LogStore, MemoryFs, memoryLogDirectories } from '@odradek/log'
import type { Api } from '@odradek/protocol'
import type { Authorizer } from '../authorizer.ts'
import { BrokerLoggers } from '../config/broker-loggers.ts'
import { resolveBrokerConfig } from '../config/resolve-broker-config.ts'
import { handlers } from '../handlers/index.ts'
import { harness } from '../harness.ts'
import type { HostNames } from '../host-names.ts'
import type { Quotas } from '../quotas.ts'
import type { SecurityProtocol } from '../security/security-protocol.ts'
import type { CreateTopicCommand } from './controller.ts'
import { type Metadata, type NodeRegistration, openMetadata } from './metadata.ts'
import type { MetadataChange } from './metadata-change.ts'

const DIRECTORY_ID = 'hP4h38o4UxjZwIdpqbAzqQ'
const MEMORY_BYTES = 64 * 1024 * 1024

export interface FixtureOptions {
  readonly nodes?: number
  readonly seed?: number
  /** As in a properties file. */
  readonly entries?: Readonly<Record<string, string>>
  /** Level by feature, for the first start. */
  readonly features?: Readonly<Record<string, number>>
  readonly racks?: readonly string[]
  /** What the disk has room for. */
  readonly diskBytes?: number
}

export interface SendOptions {
  readonly quotas?: Quotas
  readonly node?: number
  readonly listener?: string
  readonly authorizer?: Authorizer
  readonly principal?: string
  readonly securityProtocol?: SecurityProtocol
}

/** No name is looked up in tests: `localhost` stands for itself, `*.invalid` for nothing. */
const fixtureHostNames: HostNames = {
  addressesOf: (name) => Promise.resolve(name.endsWith('.invalid') ? [] : [name === 'localhost' ? '127.0.0.1' : name]),
}

/** A topic as most tests want it. */
export function topicCommand(name: string, more: Partial<CreateTopicCommand> = {}): CreateTopicCommand {
  return { name, partitions: 1, replicationFactor: 1, assignments: [], configs: [], ...more }
}

/** Nodes with two listeners each; the second is named only when it is asked for. */
function registrations(count: number, racks: readonly string[]): NodeRegistration[] {
  return Array.from({ length: count }, (_, index) => ({
    id: nodeId(index + 1),
    rack: racks[index] ?? null,
    endpoints: [
      { listener: 'PLAINTEXT', host: 'localhost', port: 9092 + index, securityProtocol: 'PLAINTEXT' },
      { listener: 'DOCKER', host: `node-${index + 1}`, port: 19_092 + index, securityProtocol: 'PLAINTEXT' },
    ],
  }))
}

/** Metadata over a real log on a file system in memory, with a clock that only the test moves. */
export class MetadataFixture {
  readonly clock = new ManualClock()
  readonly loggers = new BrokerLoggers(silentLogger, 'INFO')
  readonly prng: SeededPrng
  readonly fs: MemoryFs
  readonly changes: MetadataChange[] = []
  private readonly options: FixtureOptions
  /** All work, unless a test says otherwise. */
  readonly logDirectories: LogDirectoryTable
  private store: LogStore
  private opened: Metadata | null = null

  private constructor(options: FixtureOptions) {
    this.options = options
    this.prng = new SeededPrng(options.seed ?? 1)
    this.fs = new MemoryFs({
      bytesMax: options.diskBytes ?? MEMORY_BYTES,
      now: () => this.clock.wallMs(),
    })
    this.store = this.openStore()
    const { clock, prng } = this
    this.logDirectories = memoryLogDirectories({
      clock,
      prng,
      logger: silentLogger,
      bytesMax: 0,
      whenFull: 'refuse',
      path: '/memory',
      id: DIRECTORY_ID,
    })
  }

  static async start(options: FixtureOptions = {}): Promise<MetadataFixture> {
    const fixture = new MetadataFixture(options)
    await fixture.open(options.nodes ?? 1, options.features)
    return fixture
  }

  get metadata(): Metadata {
    if (this.opened === null) throw new Error('the metadata is closed')
    return this.opened
  }

  /** Stops and starts again over the same files, perhaps with another number of nodes. */
  async restart(nodes: number, features: Readonly<Record<string, number>> = {}): Promise<void> {
    await this.settle(this.metadata.close())
    await this.settle(this.store.close())
    this.opened = null
    this.store = this.openStore()
    await this.open(nodes, features)
  }

  /** Reads the log anew beside the one that is open: what a restart would see before it says anything itself. */
  async replayed(): Promise<Metadata> {
    return this.settle(this.openMetadata(this.openStore()))
  }

  send<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    version: number,
    request: RequestInput,
    options: SendOptions = {},
  ): Promise<Response> {
    const { cluster, acls, clientQuotas, configs, controller, delegationTokens, producerIds } = this.metadata
    const node = options.node ?? 1
    const services = {
      cluster,
      acls: this.options.entries?.['odradek.acls'] === 'true' ? acls : null,
      clientQuotas,
      delegationTokens,
      hostNames: fixtureHostNames,
      configs,
      loggers: this.loggers,
      controller,
      producerIds,
      logDirectories: this.logDirectories,
      clock: this.clock,
      prng: this.prng,
      settings: configs.brokerSettings(nodeId(node)),
    }
    const answer = harness(handlers, services, { node, ...options }).send(api, version, request)
    return this.settle(answer).then((response) => {
      if (response === null) throw new Error('no answer')
      return response
    })
  }

  /** Makes topics that must not fail. */
  async create(...commands: readonly CreateTopicCommand[]): Promise<void> {
    for (const result of await this.settle(this.metadata.controller.createTopics(commands, false))) {
      if (result.error !== 'NONE') throw new Error(`${result.error}: ${result.message}`)
    }
  }

  async stopNode(id: number): Promise<void> {
    await this.settle(this.metadata.stopNode(nodeId(id)))
  }

  async startNode(id: number): Promise<void> {
    const node = this.registrations(id)[id - 1]
    if (node === undefined) throw new Error(`there is no node ${id}`)
    await this.settle(this.metadata.startNode(node))
  }

  /** Whatever was begun is done. */
  idle(): Promise<void> {
    // A command that changes nothing, behind all the others.
    return this.stopNode(0)
  }

  /** `leader/epoch replicas|in sync`, by partition; what comes and goes in brackets. */
  partitions(topicName: string): readonly string[] {
    const topic = this.metadata.cluster.topic(topicName)
    return (topic?.partitions ?? []).map(({ leader, leaderEpoch, replicas, inSyncReplicas, reassignment }) => {
      const moves = reassignment === undefined ? '' : ` [+${reassignment.adding} -${reassignment.removing}]`
      return `${leader}/${leaderEpoch} ${replicas}|${inSyncReplicas}${moves}`
    })
  }

  /** Runs what is due until `value` is there; no time passes. */
  async settle<T>(value: Promise<T>): Promise<T> {
    let settled = false
    const outcome = value.finally(() => {
      settled = true
    })
    outcome.catch(() => {})
    for (let turn = 0; !settled && turn < 10_000; turn++) {
      this.clock.advance(0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (!settled) throw new Error('nothing more happens, and no answer has come')
    return outcome
  }

  private async open(nodes: number, features: Readonly<Record<string, number>> = {}): Promise<void> {
    const metadata = await this.settle(this.openMetadata(this.store))
    metadata.subscribe((change) => {
      this.changes.push(change)
    })
    await this.settle(metadata.start({ nodes: this.registrations(nodes), features: new Map(Object.entries(features)) }))
    this.opened = metadata
  }

  private registrations(count: number): NodeRegistration[] {
    return registrations(count, this.options.racks ?? [])
  }

  private openStore(): LogStore {
    const { clock, fs, prng } = this
    return diskLogStore({ fs, directory: 'data', clock, logger: silentLogger, prng })
  }

  private openMetadata(logStore: LogStore): Promise<Metadata> {
    const config = resolveBrokerConfig(new Map(Object.entries(this.options.entries ?? {})), MEMORY_BYTES)
    if (config.problems.length > 0) throw new Error(config.problems.join())
    return openMetadata({
      logStore,
      clusterId: 'Vx6BgXB8SUSvFYQeQXXtTg',
      directories: { online: () => [DIRECTORY_ID], open: () => [DIRECTORY_ID], wished: () => null },
      config,
      clock: this.clock,
      prng: this.prng,
      logger: silentLogger,
    })
  }
}
