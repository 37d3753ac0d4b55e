import { ConnectionLost, WireClient } from '../harness/wire-client.ts'

const RECONNECT_MS = 10

/** The broker cannot take it now: connect again and retry all that has no answer. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater'
}

/** Something that goes on over any number of connections, one after the other, until it is stopped. */
export abstract class LoadClient {
  protected readonly port: number
  protected isStopped = false
  private readonly running: Promise<void>

  constructor(port: number) {
    this.port = port
    // The fields of subclasses are not there yet.
    this.running = Promise.resolve().then(() => this.run())
    // Whoever stops it is told; until then a failure must not end the process.
    this.running.catch(() => {})
  }

  /** Resolves when what is under way has ended. @throws what a client must never meet. */
  stop(): Promise<void> {
    this.isStopped = true
    return this.running
  }

  /** Works with one connection until it is lost or `isStopped`. */
  protected abstract serve(client: WireClient): Promise<void>

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const client = await this.connect()
      if (client === null) continue
      try {
        await this.serve(client)
      } catch (error) {
        if (!(error instanceof ConnectionLost || error instanceof RetryLater)) throw error
      } finally {
        client.close()
      }
      await wait(RECONNECT_MS)
    }
  }

  private async connect(): Promise<WireClient | null> {
    try {
      return await WireClient.open(this.port)
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      await wait(RECONNECT_MS)
      return null
    }
  }
}

const wait = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms))
