import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Clock, type Fs, type Logger, type NodeId, type Prng, present } from '@odradek/core'
import { HoldingFs, type LogDirectories } from '@odradek/log'
import { authorizerOf, lockedOut } from './acls/authorizer-config.ts'
import type { Authorizer } from './authorizer.ts'
import { BackupService } from './backup/backup-service.ts'
import { createStartTopics, openServices } from './broker-services.ts'
import { buildMaintenanceSettings } from './config/build-maintenance-settings.ts'
import { type ResolvedBrokerConfig, settingsOf } from './config/resolve-broker-config.ts'
import { Connections } from './connections.ts'
import { handlers } from './handlers/index.ts'
import { Listener, type OpenListener } from './listener.ts'
import type { NodeDirectories } from './metadata/directory-choice.ts'
import { type Metadata, type NodeRegistration, openMetadata } from './metadata/metadata.ts'
import { openDiskLogDirectories, openMemoryLogDirectories } from './open-log-directories.ts'
import { type Registry, registry } from './registry.ts'
import { Security } from './security/security.ts'
import type { Services } from './services.ts'
import { readStartSettings, type StartSettings, startLayers } from './start-settings.ts'

export interface BrokerOptions {
  readonly config: ResolvedBrokerConfig
  /** Where the data directory lies; not touched when everything is kept in memory. */
  readonly fs: Fs
  readonly clock: Clock
  readonly prng: Prng
  readonly logger: Logger
  /** Of odradek, for the data directory's own notes. */
  readonly softwareVersion: string
}

/** One node of the process, ready for clients. */
export interface StartedNode {
  readonly id: NodeId
  readonly listeners: readonly OpenListener[]
}

/** What a person wants to know of a broker that is ready. */
export interface StartedBroker {
  readonly clusterId: string
  readonly nodes: readonly StartedNode[]
  /** As they were named; null when everything is in memory. */
  readonly dataDirectories: readonly string[] | null
  /** Listeners of controllers, which are not opened. */
  readonly notOpened: readonly string[]
}

export interface Broker {
  /**
   * Resolves, with one line for a person, when the metadata log has failed for good: the process should end, and with an
   * exit code that says so. Pending as long as all is well.
   */
  readonly failed: Promise<string>
  /**
   * Resolves when all is recovered, every coordinator is loaded and clients are served.
   * Rejects with an error whose message is one line that names what is wrong and the remedy; nothing stays open then.
   */
  start(): Promise<StartedBroker>
  /** Answers what is under way, within a bound, flushes and closes everything. May be called at any time, more than once. */
  stop(): Promise<void>
}

/** A broker process: one or more nodes over one set of logs. */
export function createBroker(options: BrokerOptions): Broker {
  return new BrokerProcess(options)
}

interface OpenNode {
  readonly id: NodeId
  readonly listeners: readonly Listener[]
}

class BrokerProcess implements Broker {
  private readonly options: BrokerOptions & { readonly fs: HoldingFs }
  private starting: Promise<StartedBroker> | null = null
  private stopping: Promise<void> | null = null
  private readonly nodes: OpenNode[] = []
  /** What has been opened, to be closed in reverse. */
  private readonly closers: (() => Promise<void> | void)[] = []
  readonly failed: Promise<string>
  private tellFailure: (why: string) => void = () => {}

  constructor(options: BrokerOptions) {
    this.options = { ...options, fs: new HoldingFs(options.fs) }
    this.failed = new Promise((resolve) => {
      this.tellFailure = resolve
    })
  }

  start(): Promise<StartedBroker> {
    this.starting ??= this.open().catch(async (error: unknown) => {
      await this.close()
      throw error
    })
    return this.starting
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopOnce()
    return this.stopping
  }

  private async stopOnce(): Promise<void> {
    await this.starting?.catch(() => {})
    await this.close()
  }

  /** Ports come first: that one is in use is found before the data directory is touched. */
  private async open(): Promise<StartedBroker> {
    const { config, clock, prng, logger } = this.options
    const settings = readStartSettings(config, hostname())
    await this.openListeners(settings)
    const { store, clusterId } = await this.openStore(settings)
    const directories = nodeDirectories(store)
    const metadata = await openMetadata({ logStore: store, clusterId, directories, config, clock, prng, logger })
    this.closers.push(() => metadata.close())
    void metadata.failed.then((why) =>
      this.tellFailure(`the metadata log failed (${why}): put the disk right, then start again`),
    )
    const nodes = this.nodes.map((node, index) => registration(node, settings.racks[index] ?? null))
    await metadata.start({ nodes, features: settings.features })
    const rows = registry(handlers)
    const { nodeIds, authorization } = settings
    const hasAcls = authorization.isEnabled
    const services = await openServices({ nodeIds, served: rows.served, metadata, store, hasAcls, clock, prng, logger })
    this.closers.push(() => services.close())
    await createStartTopics(services, settings.topics)
    this.lookForBackupRequests(allDirectories(settings))
    const security = await this.openSecurity(settings, metadata)
    const warning = lockedOut(authorization, metadata.acls)
    if (warning !== null) logger.warn(warning)
    this.serve(rows, services, security, authorizerOf(authorization, metadata.acls))
    return {
      clusterId,
      nodes: this.nodes.map(({ id, listeners }) => ({ id, listeners: listeners.map(({ open }) => open) })),
      dataDirectories: settings.dataDirectories?.partitions ?? null,
      notOpened: settings.listeners.notOpened,
    }
  }

  private async openListeners({ nodeIds, listeners: plan }: StartSettings): Promise<void> {
    for (const [index, plans] of plan.nodes.entries()) {
      const listeners: Listener[] = []
      this.nodes.push({ id: present(nodeIds[index], 'every planned node has an id'), listeners })
      for (const each of plans) listeners.push(await Listener.open(each))
    }
  }

  private async openStore(settings: StartSettings): Promise<{ store: LogDirectories; clusterId: string }> {
    const { config, fs, clock, prng, logger, softwareVersion } = this.options
    const { dataDirectories: directories, nodeIds } = settings
    const maintenance = buildMaintenanceSettings(startLayers(config))
    const whenFull = config.text('odradek.memory.log.full') === 'drop-oldest' ? 'dropOldest' : 'refuse'
    const bytesMax = settingsOf(config).memoryLogBytes
    const nodeId = present(nodeIds[0], 'there is at least one node')
    const environment = { clock, prng, logger, maintenance }
    const disk = { ...environment, fs, nodeId, softwareVersion, absolutePath: (path: string) => resolve(path) }
    const { store, clusterId, release } =
      directories === null
        ? openMemoryLogDirectories({ ...environment, bytesMax, whenFull })
        : await openDiskLogDirectories({ ...disk, directories })
    this.closers.push(release, () => store.close())
    return { store, clusterId }
  }

  private lookForBackupRequests(directories: readonly string[]): void {
    if (directories.length === 0) return
    const { clock, fs, logger, softwareVersion } = this.options
    const backups = new BackupService({ fs, directories, clock, logger, softwareVersion })
    this.closers.push(() => backups.stop())
  }

  private async openSecurity({ nodeIds, listeners }: StartSettings, metadata: Metadata): Promise<Security> {
    const { fs, clock, logger } = this.options
    const nodes = nodeIds.map((id, index) => ({ id, listeners: listeners.nodes[index] ?? [] }))
    const security = await Security.open({
      nodes,
      fs,
      clock,
      logger,
      layersOf: (node) => metadata.configs.layersOf(node),
    })
    this.closers.push(() => security.close())
    const end = metadata.subscribe(async (change) => {
      if (change.brokerConfigsChanged) await security.reload()
    })
    this.closers.push(end)
    return security
  }

  private serve(rows: Registry, services: Services, security: Security, authorizer: Authorizer): void {
    const { clock, logger } = this.options
    const table = { registry: rows, services, authorizer, logger }
    const connections = new Connections({ table, settings: services.settings, clock })
    this.closers.push(() => connections.close())
    for (const { id, listeners } of this.nodes) {
      for (const listener of listeners) {
        const { name } = listener.open
        listener.serve((socket) => connections.accept(socket, id, name, security.of(id, name)))
      }
    }
  }

  /** Takes no connection any more, then closes from the sockets down to the data directory. */
  private async close(): Promise<void> {
    for (const { listeners } of this.nodes) for (const listener of listeners) listener.close()
    for (let close = this.closers.pop(); close !== undefined; close = this.closers.pop()) {
      try {
        await close()
      } catch (error) {
        this.options.logger.error('something could not be closed', {
          why: error instanceof Error ? error.message : String(error),
        })
      }
    }
  }
}

function registration({ id, listeners }: OpenNode, rack: string | null): NodeRegistration {
  const endpoints = listeners.map(({ open }) => ({
    listener: open.name,
    host: open.advertisedHost,
    port: open.advertisedPort,
    securityProtocol: open.securityProtocol,
  }))
  return { id, rack, endpoints }
}

function allDirectories({ dataDirectories: named }: StartSettings): readonly string[] {
  return named === null ? [] : [...new Set([named.metadata, ...named.partitions])]
}

function nodeDirectories(store: LogDirectories): NodeDirectories {
  return {
    online: () => store.directories().flatMap(({ id, failure }) => (failure === null ? [id] : [])),
    wished: (topicName, partition) => store.wished(topicName, partition),
  }
}
