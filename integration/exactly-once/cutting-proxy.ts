import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Prng } from '@odradek/core'

interface Pair {
  readonly client: Socket
  readonly broker: Socket
}

/** Connections of clients to a broker, which it can cut at any byte, and so that an answer is lost but its request served. */
export class CuttingProxy {
  /** Changes when a broker comes back on another port. */
  brokerPort: number
  private readonly server: Server
  private readonly pairs = new Set<Pair>()
  private answersAreHeld = false

  private constructor(brokerPort: number) {
    this.brokerPort = brokerPort
    this.server = createServer((client) => this.accept(client))
  }

  static start(brokerPort: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(brokerPort)
    return new Promise((started, failed) => {
      proxy.server.once('error', failed)
      proxy.server.listen(0, '127.0.0.1', () => started(proxy))
    })
  }

  get port(): number {
    const address: AddressInfo | string | null = this.server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen')
    return address.port
  }

  cutAll(): void {
    for (const pair of this.pairs) cut(pair)
  }

  cutOne(prng: Prng): void {
    const pair = [...this.pairs][prng.below(Math.max(1, this.pairs.size))]
    if (pair !== undefined) cut(pair)
  }

  /** From now on requests arrive and answers do not, until all connections are cut. */
  async loseAnswers(ms: number): Promise<void> {
    this.answersAreHeld = true
    await new Promise((resume) => setTimeout(resume, ms))
    this.cutAll()
    this.answersAreHeld = false
  }

  close(): Promise<void> {
    this.cutAll()
    return new Promise((closed) => this.server.close(() => closed()))
  }

  private accept(client: Socket): void {
    const broker = connect({ port: this.brokerPort, host: '127.0.0.1', noDelay: true })
    client.setNoDelay(true)
    const pair = { client, broker }
    this.pairs.add(pair)
    client.on('data', (chunk) => broker.write(chunk))
    broker.on('data', (chunk) => {
      if (!this.answersAreHeld) client.write(chunk)
    })
    for (const socket of [client, broker]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        this.pairs.delete(pair)
        cut(pair)
      })
    }
  }
}

function cut({ client, broker }: Pair): void {
  client.destroy()
  broker.destroy()
}
