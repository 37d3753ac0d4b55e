import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Clock, type Fs, type Logger, type NodeId, type Prng, present } from '@odradek/core'
import { HoldingFs, type LogDirectories } from '@odradek/log'
import { authorizerOf, lockedOut } from './acls/authorizer-config.ts'
import { AddressOverrides } from './address-overrides.ts'
import type { Authorizer } from './authorizer.ts'
import { BackupService } from './backup/backup-service.ts'
import { createStartTopics, type OpenServices, openServices } from './broker-services.ts'
import { BROKER_LOGGER_LEVEL, BrokerLoggers, loggerLevelOf } from './config/broker-loggers.ts'
import { buildMaintenanceSettings } from './config/build-maintenance-settings.ts'
import { type ResolvedBrokerConfig, settingsOf } from './config/resolve-broker-config.ts'
import { ConnectionAdmission } from './connection-admission.ts'
import { Connections } from './connections.ts'
import { TokenSweep } from './delegation-tokens/token-sweep.ts'
import { handlers } from './handlers/index.ts'
import { HttpListener } from './http/http-listener.ts'
import { LargeRequests } from './large-requests.ts'
import { LARGE_ANSWERS_MAX } from './limits.ts'
import { Listener, type OpenListener } from './listener.ts'
import type { HttpPlan } from './listener-config.ts'
import { withSpaceIn } from './metadata/data-directory.ts'
import type { NodeDirectories } from './metadata/directory-choice.ts'
import { type Metadata, openMetadata } from './metadata/metadata.ts'
import { BrokerMetrics } from './metrics/broker-metrics.ts'
import { MetricsView } from './metrics/metrics-view.ts'
import { LeaderRebalance } from './nodes/leader-rebalance.ts'
import { serveNodeRequests } from './nodes/node-service.ts'
import { type HostedNode, NodeSwitch, NodeSwitchError, registration } from './nodes/node-switch.ts'
import { type OpenLogDirectories, openDiskLogDirectories, openMemoryLogDirectories } from './open-log-directories.ts'
import { type Registry, registry } from './registry.ts'
import { makeFirstUsers } from './security/first-scram-users.ts'
import { secretFilesOf } from './security/secret-files.ts'
import { Security } from './security/security.ts'
import { readStartSettings, type StartSettings, startLayers } from './start-settings.ts'

export interface BrokerOptions {
  readonly config: ResolvedBrokerConfig
  /** Where the data directory lies; not touched when everything is kept in memory. */
  readonly fs: Fs
  readonly clock: Clock
  readonly prng: Prng
  /** Writes every line it is given: which there are, the levels of the loggers decide. */
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
  /** Where metrics are; null without odradek.http.listener. */
  readonly http: { readonly host: string; readonly port: number } | null
  /** Listeners of controllers, which are not opened. */
  readonly notOpened: readonly string[]
}

export interface Broker {
  /**
   * Resolves, with one line for a person, when the metadata log has failed for good: the process should end, and with an
   * exit code that says so. Pending as long as all is well.
   */
  readonly failed: Promise<string>
  /** For lines of whoever runs the broker; of the level that its settings say. */
  readonly logger: Logger
  /**
   * Resolves when all is recovered, every coordinator is loaded and clients are served.
   * Rejects with an error whose message is one line that names what is wrong and the remedy; nothing stays open then.
   */
  start(): Promise<StartedBroker>
  /**
   * Takes one node out while the others go on: its connections end, others lead in its place.
   * @throws Error with a message for a person when there is no such node, or its change could not be recorded.
   */
  stopNode(id: number): Promise<void>
  /** Brings it back on the same ports. @throws Error also when a port is in use. */
  startNode(id: number): Promise<void>
  /** Answers what is under way, within a bound, flushes and closes everything. May be called at any time, more than once. */
  stop(): Promise<void>
}

/** A broker process: one or more nodes over one set of logs. */
export function createBroker(options: BrokerOptions): Broker {
  return new BrokerProcess(options)
}

class BrokerProcess implements Broker {
  private readonly options: BrokerOptions & { readonly fs: HoldingFs }
  private readonly loggers: BrokerLoggers
  readonly logger: Logger
  private starting: Promise<StartedBroker> | null = null
  private stopping: Promise<void> | null = null
  private readonly nodes: HostedNode[] = []
  private nodeSwitch: NodeSwitch | null = null
  private http: HttpListener | null = null
  private readonly metrics = new BrokerMetrics()
  /** What has been opened, to be closed in reverse. */
  private readonly closers: (() => Promise<void> | void)[] = []
  readonly failed: Promise<string>
  private tellFailure: (why: string) => void = () => {}

  constructor(options: BrokerOptions) {
    this.options = { ...options, fs: new HoldingFs(options.fs) }
    const level = options.config.text('odradek.log.level') ?? ''
    this.loggers = new BrokerLoggers(options.logger, loggerLevelOf(level.trim().toUpperCase()) ?? BROKER_LOGGER_LEVEL)
    this.logger = this.loggers.of('kafka.server.BrokerServer')
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

  async stopNode(id: number): Promise<void> {
    await this.runningNodes().stop(id)
  }

  async startNode(id: number): Promise<void> {
    await this.runningNodes().start(id)
  }

  private runningNodes(): NodeSwitch {
    if (this.nodeSwitch !== null) return this.nodeSwitch
    throw new NodeSwitchError('the broker is not running')
  }

  private async stopOnce(): Promise<void> {
    await this.starting?.catch(() => {})
    await this.close()
  }

  /** Ports come first: that one is in use is found before the data directory is touched. */
  private async open(): Promise<StartedBroker> {
    const { config, clock, prng } = this.options
    const settings = readStartSettings(config, hostname())
    await this.openListeners(settings)
    if (settings.http !== null) await this.openHttp(settings.http)
    const { store, clusterId, roots } = await this.openStore(settings)
    const directories = nodeDirectories(store)
    const logger = this.loggers.of('org.apache.kafka.controller.QuorumController')
    const home = roots[0] ?? ''
    const metadata = await withSpaceIn(home, () =>
      openMetadata({ logStore: store, clusterId, directories, config, clock, prng, logger }),
    )
    this.closers.push(() => metadata.close())
    void metadata.failed.then((why) => {
      this.http?.fail()
      this.tellFailure(`the metadata log failed (${why}): put the disk right, then start again`)
    })
    const nodes = this.nodes.map(registration)
    await withSpaceIn(home, () => metadata.start({ nodes, features: settings.features }))
    const rows = registry(handlers)
    const { nodeIds, authorization } = settings
    const { loggers } = this
    const hasAcls = authorization.isEnabled
    const services = await openServices({
      nodeIds,
      served: rows.served,
      metadata,
      store,
      metrics: this.metrics,
      hasAcls,
      clock,
      prng,
      loggers,
    })
    this.closers.push(() => services.close())
    await createStartTopics(services, settings.topics)
    const security = await this.openSecurity(settings, metadata)
    const warning = lockedOut(authorization, metadata.acls)
    if (warning !== null) logger.warn(warning)
    const overrides = await this.openOverrides(services, metadata)
    const authorizer = authorizerOf(authorization, metadata.acls)
    const nodeSwitch = this.serve(rows, services, metadata, security, overrides, authorizer)
    this.nodeSwitch = nodeSwitch
    const rebalance = new LeaderRebalance({ config, metadata, clock, logger })
    this.closers.push(() => rebalance.stop())
    this.sweepTokens(metadata, services, logger)
    this.lookForRequests(roots, nodeSwitch)
    return {
      clusterId,
      nodes: this.nodes.map(({ id, listeners }) => ({ id, listeners: listeners.map(({ open }) => open) })),
      dataDirectories: settings.dataDirectories === null ? null : [...new Set(settings.dataDirectories.partitions)],
      http: this.http?.address ?? null,
      notOpened: settings.listeners.notOpened,
    }
  }

  private async openListeners({ nodeIds, racks, listeners: plan }: StartSettings): Promise<void> {
    for (const [index, plans] of plan.nodes.entries()) {
      const listeners: Listener[] = []
      const id = present(nodeIds[index], 'every planned node has an id')
      this.nodes.push({ id, rack: racks[index] ?? null, listeners })
      for (const each of plans) listeners.push(await Listener.open(each))
    }
  }

  private async openHttp(plan: HttpPlan): Promise<void> {
    const http = await HttpListener.open(plan)
    this.http = http
    this.closers.push(() => http.close())
  }

  private serveMetrics(services: OpenServices, connections: Connections): void {
    const { config, softwareVersion } = this.options
    const durability = config.text('odradek.ephemeral') === 'true' ? 'memory' : services.settings.flush
    const nodeIds = this.nodes.map(({ id }) => id)
    this.http?.ready(new MetricsView({ services, connections, nodeIds, softwareVersion, durability }))
  }

  private async openStore(settings: StartSettings): Promise<Omit<OpenLogDirectories, 'release'>> {
    const { config, fs, clock, prng, softwareVersion } = this.options
    const logger = this.loggers.of('org.apache.kafka.storage.internals.log.LogManager')
    const { dataDirectories: directories, nodeIds } = settings
    const maintenance = buildMaintenanceSettings(startLayers(config))
    const whenFull = config.text('odradek.memory.log.full') === 'drop-oldest' ? 'dropOldest' : 'refuse'
    const bytesMax = settingsOf(config).memoryLogBytes
    const nodeId = present(nodeIds[0], 'there is at least one node')
    const environment = { clock, prng, logger, maintenance }
    const flushEnded = (elapsedMs: number) => this.metrics.flushTimesMs.record(elapsedMs)
    const disk = {
      ...environment,
      flushEnded,
      fs,
      nodeId,
      softwareVersion,
      absolutePath: (path: string) => resolve(path),
    }
    const { store, clusterId, roots, release } =
      directories === null
        ? openMemoryLogDirectories({ ...environment, bytesMax, whenFull })
        : await openDiskLogDirectories({ ...disk, directories })
    this.closers.push(release, () => store.close())
    const secretFiles = secretFilesOf(config, fs, logger)
    for (const root of roots) secretFiles.checkDirectory(root)
    return { store, clusterId, roots }
  }

  private sweepTokens(metadata: Metadata, { settings }: OpenServices, logger: Logger): void {
    if (metadata.delegationTokens.secret === null) return
    const { clock } = this.options
    const sweep = new TokenSweep({ intervalMs: settings.delegationTokenExpiryCheckIntervalMs, metadata, clock, logger })
    this.closers.push(() => sweep.stop())
  }

  private lookForRequests(directories: readonly string[], nodes: NodeSwitch): void {
    if (directories.length === 0) return
    const { clock, fs, softwareVersion } = this.options
    const { logger } = this
    const backups = new BackupService({ fs, directories, clock, logger, softwareVersion })
    const switches = serveNodeRequests({ nodes, fs, directories, clock, logger })
    this.closers.push(
      () => backups.stop(),
      () => switches.stop(),
    )
  }

  private async openSecurity({ nodeIds, listeners }: StartSettings, metadata: Metadata): Promise<Security> {
    const { config, fs, clock, prng } = this.options
    const { controller, scramCredentials, delegationTokens } = metadata
    const logger = this.loggers.of('kafka.network.SocketServer')
    const secretFiles = secretFilesOf(config, fs, logger)
    await makeFirstUsers({ config, fs, prng, secretFiles, controller, credentials: scramCredentials })
    const nodes = nodeIds.map((id, index) => ({ id, listeners: listeners.nodes[index] ?? [] }))
    const security = await Security.open({
      nodes,
      fs,
      clock,
      prng,
      scramCredentials,
      delegationTokens,
      logger,
      secretFiles,
      layersOf: (node) => metadata.configs.layersOf(node),
    })
    this.closers.push(() => security.close())
    const end = metadata.subscribe(async (change) => {
      if (change.brokerConfigsChanged) await security.reload()
    })
    this.closers.push(end)
    return security
  }

  private async openOverrides(services: OpenServices, metadata: Metadata): Promise<AddressOverrides> {
    const overrides = new AddressOverrides(services.hostNames)
    const refresh = () => overrides.refresh(services.settings.maxConnectionsPerIpOverrides)
    await refresh()
    this.closers.push(metadata.subscribe((change) => (change.brokerConfigsChanged ? refresh() : undefined)))
    return overrides
  }

  private serve(
    rows: Registry,
    services: OpenServices,
    metadata: Metadata,
    security: Security,
    overrides: AddressOverrides,
    authorizer: Authorizer,
  ): NodeSwitch {
    const { clock } = this.options
    const { quotas } = services
    const { settings } = services
    const { requestElementsMax, responseBytesMax } = settings
    const { logger: tableLogger } = services
    const large = new LargeRequests(requestElementsMax, clock)
    const answers = new LargeRequests(LARGE_ANSWERS_MAX, clock)
    const limits = { requestElementsMax, responseBytesMax, large, answers }
    const table = { registry: rows, services, authorizer, logger: tableLogger, ...limits }
    const logger = this.loggers.of('kafka.network.SocketServer')
    const connections = new Connections({
      ...{ table, settings, clock, logger },
      overrideOf: (host) => overrides.of(host),
      quotasOf: (node) => quotas.of(node),
      onClosed: (node, connectionId) => services.telemetry(node).connectionClosed(connectionId),
    })
    const admission = new ConnectionAdmission(clock, (node) => quotas.connectionRatesOf(node))
    this.closers.push(
      () => connections.close(),
      () => admission.close(),
    )
    const serve = ({ id }: HostedNode, listener: Listener): void => {
      const { name } = listener.open
      listener.serve((socket) => {
        const enter = () => connections.accept(socket, id, name, security.of(id, name))
        admission.admit({ socket, node: id, listener: name, enter })
      })
    }
    for (const node of this.nodes) for (const listener of node.listeners) serve(node, listener)
    this.serveMetrics(services, connections)
    return new NodeSwitch({ nodes: this.nodes, metadata, connections, serve, logger })
  }

  /** Takes no connection any more, then closes from the sockets down to the data directory. */
  private async close(): Promise<void> {
    this.http?.stopping()
    // A node that is coming back would open its listeners anew.
    await this.nodeSwitch?.close()
    for (const { listeners } of this.nodes) for (const listener of listeners) listener.close()
    for (let close = this.closers.pop(); close !== undefined; close = this.closers.pop()) {
      try {
        await close()
      } catch (error) {
        this.logger.error('something could not be closed', {
          why: error instanceof Error ? error.message : String(error),
        })
      }
    }
  }
}

function nodeDirectories(store: LogDirectories): NodeDirectories {
  return {
    online: () => store.directories().flatMap(({ id, failure }) => (failure === null ? [id] : [])),
    open: () =>
      store.directories().flatMap(({ id, failure, isCordoned }) => (failure === null && !isCordoned ? [id] : [])),
    wished: (topicName, partition) => store.wished(topicName, partition),
  }
}
