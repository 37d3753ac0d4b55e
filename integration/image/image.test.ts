import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { parse } from 'yaml'
import { lastStage } from './dockerfile.ts'

// There is no container engine where this runs. So both files are read, and what they would start is started: the same
// command with the same environment, in a directory that holds only what the image would.
const root = process.cwd()
const image = lastStage(readFileSync(join(root, 'Dockerfile'), 'utf8'))
const compose: {
  services: { odradek: { build: string; ports: string[]; environment: Record<string, string>; volumes: string[] } }
} = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'))
const service = compose.services.odradek

const READY_MS_MAX = 20_000
const VOLUME = '/var/lib/odradek'

let directory = ''
let child: ChildProcess | null = null

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek image '))
  for (const { fromStage, sources, target } of image.copies) {
    for (const source of sources) copyIn(fromStage === null ? source : source.replace(/^\/odradek\//, ''), target)
  }
  mkdirSync(join(directory, VOLUME), { recursive: true })
})

afterEach(() => {
  child?.kill('SIGKILL')
  child = null
  rmSync(directory, { recursive: true, force: true })
})

/** `source` of the repository at `target` of the image; of node_modules only what is not a tool. */
function copyIn(source: string, target: string): void {
  if (source !== 'node_modules') {
    cpSync(join(root, source), join(directory, target), { recursive: true })
    return
  }
  const lock: { packages: Record<string, { dev?: boolean; link?: boolean }> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  for (const [path, { dev, link }] of Object.entries(lock.packages)) {
    if (!path.startsWith('node_modules/') || dev || link || !existsSync(join(root, path))) continue
    const to = join(directory, dirname(target), path)
    mkdirSync(dirname(to), { recursive: true })
    cpSync(join(root, path), to, { recursive: true })
  }
}

/** A port that was free a moment ago: what is advertised must be known before the start. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}

const located = (text: string) => text.replace(/^(?=\/(odradek|var)\/)/, directory)

function commandOf([name = '', ...args]: readonly string[]): [string, string[]] {
  return [name === 'node' ? process.execPath : name, args.map(located)]
}

async function environment(extra: Readonly<Record<string, string>>, ports: ReadonlyMap<string, number>) {
  const given = { ...image.environment, ...extra }
  const withPorts = (text: string) =>
    text.replace(/:(\d+)(?=,|$)/g, (whole, port) => `:${ports.get(port) ?? whole.slice(1)}`)
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, withPorts(located(value))]))
}

function ready(env: Record<string, string>): Promise<string> {
  const [file, args] = commandOf([...image.entrypoint, ...image.command])
  const started = spawn(file, args, { cwd: join(directory, VOLUME), env, stdio: ['ignore', 'pipe', 'pipe'] })
  child = started
  return new Promise((resolve, reject) => {
    let output = ''
    let errors = ''
    const timer = setTimeout(() => reject(new Error(`not ready: ${errors}`)), READY_MS_MAX)
    started.stderr.on('data', (chunk) => {
      errors += chunk
    })
    started.stdout.on('data', (chunk) => {
      output += chunk
      if (!output.includes('\n')) return
      clearTimeout(timer)
      resolve(output)
    })
    started.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`ended with ${code}: ${errors}`))
    })
  })
}

function healthOf(env: Record<string, string>): number | null {
  const [file, args] = commandOf(image.health)
  return spawnSync(file, args, { cwd: join(directory, VOLUME), env }).status
}

async function stopped(): Promise<number | null> {
  const running = child
  child?.kill('SIGTERM')
  return new Promise((resolve) => running?.once('exit', resolve))
}

test('the image runs as a user without rights, with one volume', () => {
  expect(image.user).toBe('node')
  expect(image.volumes).toEqual([VOLUME])
  expect(image.environment['ODRADEK_DATA_DIR']).toBe(VOLUME)
})

test('compose publishes on 127.0.0.1 only, and keeps the volume', () => {
  for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
  expect(service.volumes).toEqual([`data:${VOLUME}`])
  expect(service.build).toBe('.')
})

test('what compose starts serves the host and the network, is healthy, and stops cleanly', async () => {
  const [host, network] = [await freePort(), await freePort()]
  const ports = new Map([
    ['9092', host],
    ['19092', network],
  ])
  const env = await environment(service.environment, ports)
  expect(await ready(env)).toBe(`ready localhost:${host}\n`)
  expect(healthOf(env)).toBe(0)

  const kafka = new Kafka({ brokers: [`127.0.0.1:${host}`], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'a', numPartitions: 2 }] })
  expect((await admin.describeCluster()).brokers).toEqual([{ nodeId: 1, host: 'localhost', port: host }])
  await admin.disconnect()
  const inside = new Kafka({
    brokers: [`odradek:${network}`],
    logLevel: logLevel.NOTHING,
    // The network of containers knows the name; this machine does not.
    socketFactory: ({ port, onConnect }) => net.connect(port, '127.0.0.1', onConnect),
  }).admin()
  await inside.connect()
  expect((await inside.describeCluster()).brokers).toEqual([{ nodeId: 1, host: 'odradek', port: network }])
  await inside.disconnect()

  expect(await stopped()).toBe(0)
  expect(healthOf(env)).toBe(1)
})

test('the image alone listens where its port is published', async () => {
  const host = await freePort()
  const env = await environment({}, new Map([['9092', host]]))
  expect(await ready(env)).toBe(`ready localhost:${host}\n`)
  expect(healthOf(env)).toBe(0)
  expect(await stopped()).toBe(0)
})
