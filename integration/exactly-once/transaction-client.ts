import { ErrorCode } from '@odradek/protocol'
import { ConnectionLost, WireClient } from '../harness/wire-client.ts'
import { type Answer, findCoordinators } from './transaction-calls.ts'

const RETRY_MS = 10
/** Longer than a broker is ever away: who gets no answer for that long is not served at all. */
const ANSWER_MS_MAX = 60_000

/** What goes away by itself, and every client retries. */
const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  // A full disk, until there is space.
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.UNSTABLE_OFFSET_COMMIT,
])

export type Final<T> = T & {
  /** An earlier attempt got no answer, or one that does not say what came of it. */
  readonly isRetry: boolean
}

/** A request was retried for as long as any client would. */
export class NoFinalAnswer extends Error {
  override readonly name = 'NoFinalAnswer'
}

/** Repeats each request over any number of connections until there is a final answer. */
export class TransactionClient {
  private readonly port: number
  private readonly transactionalId: string
  private readonly group: string
  private client: WireClient | null = null

  constructor(port: number, transactionalId: string, group: string) {
    this.port = port
    this.transactionalId = transactionalId
    this.group = group
  }

  /** @throws NoFinalAnswer */
  async ask<T extends Answer>(
    what: string,
    call: (client: WireClient) => Promise<T>,
    msMax = ANSWER_MS_MAX,
  ): Promise<Final<T>> {
    const end = performance.now() + msMax
    let said = 'nothing'
    for (let isRetry = false; performance.now() < end; isRetry = true) {
      try {
        const answer = await withinMs(ANSWER_MS_MAX, what, call(await this.connection()))
        if (!RETRIABLE.has(answer.errorCode)) return { ...answer, isRetry }
        said = `error ${answer.errorCode}`
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error
        said = error.message
      }
      await new Promise((resume) => setTimeout(resume, RETRY_MS))
    }
    throw new NoFinalAnswer(`${what} of ${this.transactionalId}: no final answer for ${msMax} ms; last: ${said}`)
  }

  /** As the client's death leaves it: what was sent is under way, and nobody takes the answer. */
  async drop(lastWords?: (client: WireClient) => Promise<Answer>): Promise<void> {
    try {
      if (lastWords !== undefined) lastWords(await this.connection()).catch(() => {})
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
    }
    // What was written before a socket is destroyed leaves with the next turn of the loop, or not at all.
    if (Math.round(performance.now()) % 2 === 0) await new Promise((resume) => setTimeout(resume, 1))
    this.close()
  }

  close(): void {
    this.client?.close()
    this.client = null
  }

  private async connection(): Promise<WireClient> {
    if (this.client !== null && !this.client.isLost) return this.client
    const client = await WireClient.open(this.port)
    const { errorCode } = await findCoordinators(client, this.transactionalId, this.group)
    if (errorCode !== ErrorCode.NONE) {
      client.close()
      throw new ConnectionLost(`no coordinator: error ${errorCode}`)
    }
    this.client = client
    return client
  }
}

function withinMs<T>(msMax: number, what: string, answer: Promise<T>): Promise<T> {
  return new Promise((answered, failed) => {
    const timer = setTimeout(() => failed(new Error(`${what} was not answered within ${msMax} ms`)), msMax)
    answer.then(answered, failed).finally(() => clearTimeout(timer))
  })
}
