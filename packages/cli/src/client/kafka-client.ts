import type { Clock } from '@odradek/core'
import { FindCoordinator, Metadata, type MetadataResponse } from '@odradek/protocol'
import { hostPort } from '../banner.ts'
import type { Address } from './bootstrap.ts'
import type { ClientSecurity } from './client-security.ts'
import { CommandFailure, expectOk, RetriableFailure } from './failure.ts'
import { KafkaConnection } from './kafka-connection.ts'
import { PLAINTEXT, type Transport } from './transport.ts'

const RETRY_MS_MIN = 50
const RETRY_MS_MAX = 1000
/** From here on a request may name several keys, and must use that field. */
const COORDINATORS_VERSION = 4

export interface KafkaClientOptions {
  readonly bootstrap: readonly Address[]
  readonly clock: Clock
  /** Waits before another try. */
  pause(delayMs: number): Promise<void>
  /** Bound on each answer, and on all tries of one piece of work together. */
  readonly timeoutMs: number
  readonly transport?: Transport
  /** What `transport` is made of, for libraries that connect by themselves; null in clear text. */
  readonly security?: ClientSecurity | null
}

/** A whole cluster: opens connections as they are needed, finds leaders and coordinators, asks again where that helps. */
export class KafkaClient {
  readonly bootstrap: readonly Address[]
  readonly timeoutMs: number
  readonly security: ClientSecurity | null
  private readonly options: KafkaClientOptions
  private readonly connections = new Map<string, KafkaConnection>()
  private known: MetadataResponse | null = null

  constructor(options: KafkaClientOptions) {
    this.options = options
    this.bootstrap = options.bootstrap
    this.timeoutMs = options.timeoutMs
    this.security = options.security ?? null
  }

  /** Repeats `work` while it throws RetriableFailure and there is time, forgetting who leads what. */
  async retrying<T>(work: () => Promise<T>): Promise<T> {
    const { clock, pause, timeoutMs } = this.options
    const endMs = clock.monotonicMs() + timeoutMs
    for (let delayMs = RETRY_MS_MIN; ; delayMs = Math.min(2 * delayMs, RETRY_MS_MAX)) {
      try {
        return await work()
      } catch (error) {
        // Who cannot be reached at all is most often not there, and waiting for it would look like hanging.
        const isStart = this.connections.size === 0
        if (!(error instanceof RetriableFailure) || isStart || clock.monotonicMs() + delayMs > endMs) throw error
        this.known = null
        await pause(delayMs)
      }
    }
  }

  /** Any broker that can be reached. @throws CommandFailure naming each that cannot. */
  async any(): Promise<KafkaConnection> {
    for (const connection of this.connections.values()) if (!connection.isLost) return connection
    const faults: string[] = []
    for (const address of this.bootstrap) {
      try {
        return await this.connectionTo(address)
      } catch (error) {
        if (!(error instanceof CommandFailure)) throw error
        faults.push(error.message)
      }
    }
    throw new RetriableFailure(`${faults.join('; ')} (--bootstrap or ODRADEK_BOOTSTRAP names the brokers)`)
  }

  /** What the cluster has: all topics (null), or these. Topics are never made by asking. */
  async metadata(topics: readonly string[] | null): Promise<MetadataResponse> {
    const connection = await this.any()
    const version = connection.versionOf(Metadata, { min: 4 })
    const answer = await connection.callIn(Metadata, version, {
      topics: topics?.map((name) => ({ name })) ?? null,
      allowAutoTopicCreation: false,
    })
    this.known = answer
    return answer
  }

  /** Ids of all nodes. */
  async nodeIds(): Promise<readonly number[]> {
    const { brokers } = await this.cluster()
    return brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b)
  }

  async node(nodeId: number): Promise<KafkaConnection> {
    const { brokers } = await this.cluster()
    const broker = brokers.find((each) => each.nodeId === nodeId)
    if (broker !== undefined) return this.connectionTo(broker)
    throw new CommandFailure(`the cluster has no broker ${nodeId}; see odradek cluster describe`)
  }

  /** The broker that changes of the cluster go to; with KRaft any, which passes them on. */
  async controller(): Promise<KafkaConnection> {
    const { controllerId, brokers } = await this.cluster()
    return brokers.every(({ nodeId }) => nodeId !== controllerId) ? this.any() : this.node(controllerId)
  }

  async groupCoordinator(groupId: string): Promise<KafkaConnection> {
    const connection = await this.any()
    const version = connection.versionOf(FindCoordinator)
    const isPlural = version >= COORDINATORS_VERSION
    const answer = await connection.callIn(
      FindCoordinator,
      version,
      isPlural ? { coordinatorKeys: [groupId] } : { key: groupId },
    )
    const found = isPlural ? answer.coordinators[0] : answer
    if (found === undefined) throw new RetriableFailure(`group ${groupId}: no coordinator was named`)
    expectOk(`coordinator of group ${groupId}`, found.errorCode, found.errorMessage)
    return this.connectionTo(found)
  }

  close(): void {
    for (const connection of this.connections.values()) connection.close()
    this.connections.clear()
  }

  private async cluster(): Promise<MetadataResponse> {
    return this.known ?? (await this.metadata([]))
  }

  private async connectionTo({ host, port }: Address): Promise<KafkaConnection> {
    const name = hostPort(host, port)
    const open = this.connections.get(name)
    if (open !== undefined && !open.isLost) return open
    const { clock, timeoutMs, transport = PLAINTEXT } = this.options
    const connection = await KafkaConnection.open({ host, port }, { transport, clock, timeoutMs })
    this.connections.set(name, connection)
    return connection
  }
}
