import {
  AlterUserScramCredentials,
  type Api,
  CreateTopics,
  DescribeGroups,
  DescribeTransactions,
  ErrorCode,
  FindCoordinator,
  ListOffsets,
  Metadata,
} from '@odradek/protocol'
import { logInByScram, type ScramLogin, saltedPassword } from '../harness/scram-login.ts'
import { until } from '../harness/until.ts'
import { ConnectionLost, WireClient } from '../harness/wire-client.ts'
import type { Answer } from './transcript.ts'

/** A broker that says nothing for so long will not answer at all. */
const SILENCE_MS_MAX = 15_000

/** A coordinator that is known is not yet one that has read its log. */
const NOT_SERVED: ReadonlySet<number | undefined> = new Set([
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
])

/** Of the broker that is asked: `users` is where users log in, `sessions` where that does not last; 0 where none do. */
export interface Ports {
  readonly plain: number
  readonly users: number
  readonly sessions: number
}

/** What a scenario does its requests with. Names are its own, so that many may share a broker. */
export class World {
  readonly answers: Answer[] = []
  /** In front of every name of this run; it is left out of what is kept. */
  readonly prefix: string
  private readonly ports: Ports
  private readonly connections = new Map<string, WireClient>()

  constructor(ports: Ports, prefix: string) {
    this.ports = ports
    this.prefix = prefix
  }

  /** A name that no other scenario has. */
  name(suffix: string): string {
    return `${this.prefix}${suffix}`
  }

  /** Asks, and keeps the answer; null where the connection was closed in its place. */
  async ask<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    version: number,
    request: RequestInput,
    connection = 'first',
  ): Promise<Response | null> {
    const client = await this.connection(connection)
    try {
      const answer = await answeredWithin(SILENCE_MS_MAX, client.call(api, version, request))
      this.answers.push({ api: api.name, version, answer })
      return answer
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      this.connections.delete(connection)
      this.answers.push({ api: api.name, version, answer: 'the connection is closed' })
      return null
    }
  }

  /** Asks for the scenario's own sake: the answer does not count. */
  async quietly<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    version: number,
    request: RequestInput,
    connection = 'quiet',
  ): Promise<Response> {
    return (await this.connection(connection)).call(api, version, request)
  }

  /** Keeps what a scenario has found out by itself: `what` stands where the name of an API does. */
  keep(what: string, answer: unknown): void {
    this.answers.push({ api: what, version: 0, answer })
  }

  /** A user that can log in. @returns the name, which is the password too and that of a connection on which the user is logged in */
  async user(suffix: string): Promise<string> {
    const name = this.name(suffix)
    const [salt, iterations] = [Buffer.from('salt'), 4096]
    const user = { name, mechanism: 1, iterations, salt, saltedPassword: saltedPassword(name, salt, iterations) }
    await this.quietly(AlterUserScramCredentials, 0, { deletions: [], upsertions: [user] })
    await until(`${name} can log in`, () => this.logIn({ name, password: name }))
    return name
  }

  /** The connection of that name is a new one, which has tried to log in. @returns whether it is in */
  async logIn(login: ScramLogin, connection = login.name): Promise<boolean> {
    const client = await WireClient.open(this.ports.users)
    this.connections.get(connection)?.close()
    this.connections.set(connection, client)
    return (await logInByScram(client, login)).errorCode === ErrorCode.NONE
  }

  /** A new connection where users log in, on which nobody has. */
  async stranger(listener: 'users' | 'sessions'): Promise<WireClient> {
    const client = await WireClient.open(this.ports[listener])
    this.connections.set(`stranger ${this.connections.size}`, client)
    return client
  }

  /** A topic that can be used. @returns its name */
  async topic(
    suffix = 't',
    numPartitions = 1,
    configs: Readonly<Record<string, string>> = {},
    replicationFactor = 1,
  ): Promise<string> {
    const name = this.name(suffix)
    const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
    const topic = { name, numPartitions, replicationFactor, assignments: [], configs: entries }
    const { topics } = await this.quietly(CreateTopics, 7, { topics: [topic], timeoutMs: 30_000 })
    if (topics[0]?.errorCode !== ErrorCode.NONE) throw new Error(`topic ${name}: error ${topics[0]?.errorCode}`)
    // Metadata name a leader before it knows of it.
    await until(`the leaders of ${name} serve it`, async () => {
      const partitions = Array.from({ length: numPartitions }, (_, partitionIndex) => ({
        partitionIndex,
        timestamp: -1n,
      }))
      const asked = { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }] }
      const [answer] = (await this.quietly(ListOffsets, 5, asked)).topics
      return answer?.partitions.every(({ errorCode }) => errorCode === ErrorCode.NONE) ?? false
    })
    return name
  }

  async isUnknown(name: string): Promise<boolean> {
    const { topics } = await this.quietly(Metadata, 12, { topics: [{ name }], allowAutoTopicCreation: false })
    return topics[0]?.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }

  async topicId(name: string): Promise<string> {
    const { topics } = await this.quietly(Metadata, 12, { topics: [{ name }], allowAutoTopicCreation: false })
    return topics[0]?.topicId ?? ''
  }

  /** Until the coordinator of the group (0) or transactional id (1) serves it. @returns the key */
  async coordinator(suffix: string, keyType: 0 | 1 = 0): Promise<string> {
    const key = this.name(suffix)
    await until(`a coordinator serves ${key}`, async () => {
      const { errorCode } = await this.quietly(FindCoordinator, 3, { key, keyType })
      return errorCode === ErrorCode.NONE && !NOT_SERVED.has(await this.coordinatorError(key, keyType))
    })
    return key
  }

  private async coordinatorError(key: string, keyType: 0 | 1): Promise<number | undefined> {
    if (keyType === 0) return (await this.quietly(DescribeGroups, 0, { groups: [key] })).groups[0]?.errorCode
    const { transactionStates } = await this.quietly(DescribeTransactions, 0, { transactionalIds: [key] })
    return transactionStates[0]?.errorCode
  }

  close(): void {
    for (const client of this.connections.values()) client.close()
  }

  private async connection(name: string): Promise<WireClient> {
    const open = this.connections.get(name)
    if (open !== undefined && !open.isLost) return open
    const client = await WireClient.open(this.ports.plain)
    this.connections.set(name, client)
    return client
  }
}

function answeredWithin<T>(msMax: number, answer: Promise<T>): Promise<T> {
  return new Promise((answered, failed) => {
    const timer = setTimeout(() => failed(new Error(`no answer within ${msMax} ms`)), msMax)
    answer.then(answered, failed).finally(() => clearTimeout(timer))
  })
}
