import { connect as connectPlain, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { type Clock, type Logger, type ManualClock, SeededPrng, SystemClock } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { type Broker, createBroker } from '../broker.ts'
import { resolveBrokerConfig } from '../config/resolve-broker-config.ts'
import { RawSocketClient } from '../raw-socket-client.ts'
import type { Issued, TestAuthority } from './certificates-fixture.ts'

const MEMORY_BYTES = 64 * 1024 * 1024

export interface SecureBroker {
  readonly broker: Broker
  readonly fs: MemoryFs
  /** All that was logged, at every level. */
  readonly log: string[]
  readonly ports: Readonly<Record<string, number>>
}

const brokers: Broker[] = []
const sockets: Socket[] = []

/** A broker in memory, with every key that a test names. */
export async function startSecure(
  settings: Readonly<Record<string, string>>,
  { fs = new MemoryFs(), clock = new SystemClock() }: { fs?: MemoryFs; clock?: Clock } = {},
): Promise<SecureBroker> {
  const log: string[] = []
  const write = (message: string, fields: object = {}) => log.push(`${message} ${Object.values(fields).join(' ')}`)
  const logger: Logger = { debug: write, info: write, warn: write, error: write }
  const given = { listeners: 'PLAINTEXT://localhost:0', 'odradek.ephemeral': 'true', ...settings }
  const config = resolveBrokerConfig(new Map(Object.entries(given)), MEMORY_BYTES)
  const options = { config, fs, clock, prng: new SeededPrng(7), logger, softwareVersion: 'test' }
  const broker = createBroker(options)
  brokers.push(broker)
  const started = await broker.start()
  const listeners = started.nodes.flatMap((node) => node.listeners.map(({ name, port }) => [name, port] as const))
  return { broker, fs, log, ports: Object.fromEntries(listeners) }
}

/** Lets time pass, so much a turn, until `task` is done. */
export async function driven<T>(clock: ManualClock, task: Promise<T>, stepMs = 1): Promise<T> {
  let done = false
  const watched = task.finally(() => {
    done = true
  })
  while (!done) {
    clock.advance(stepMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return watched
}

export async function stopSecure(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const broker of brokers.splice(0)) await broker.stop()
}

/** A key and its chain inline, as in `ssl.keystore.type=PEM`. */
export function pemSettings(own: Issued, authority: TestAuthority, prefix = ''): Record<string, string> {
  return {
    [`${prefix}ssl.keystore.type`]: 'PEM',
    [`${prefix}ssl.keystore.key`]: own.key,
    [`${prefix}ssl.keystore.certificate.chain`]: own.certificate + authority.ca.certificate,
    [`${prefix}ssl.truststore.type`]: 'PEM',
    [`${prefix}ssl.truststore.certificates`]: authority.ca.certificate,
  }
}

/** Resolves with a client that has shaken hands; rejects with what the broker or TLS said against it. */
export async function tlsClient(port: number, options: ConnectionOptions): Promise<RawSocketClient> {
  return RawSocketClient.over(await tlsSocket(port, options))
}

export function tlsSocket(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: 'localhost', ...options }, () => resolve(socket))
    sockets.push(socket)
    socket.on('error', reject)
  })
}

export async function plainClient(port: number): Promise<RawSocketClient> {
  const client = await RawSocketClient.open(port)
  sockets.push(client.socket)
  return client
}

/** Sends bytes and resolves, with what came back, when the broker has ended the connection. */
export function exchangeUntilClosed(port: number, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve) => {
    const received: Buffer[] = []
    const socket = connectPlain({ port, host: '127.0.0.1' }, () => socket.write(bytes))
    sockets.push(socket)
    socket.on('data', (chunk: Buffer) => received.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(received)))
  })
}
