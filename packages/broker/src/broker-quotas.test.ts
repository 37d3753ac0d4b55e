import { SeededPrng, SystemClock, silentLogger } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { AlterClientQuotas, ErrorCode, IncrementalAlterConfigs } from '@odradek/protocol'
import { type Broker, createBroker } from './broker.ts'
import { resolveBrokerConfig } from './config/resolve-broker-config.ts'
import { beat, produced } from './connection-fixture.ts'
import { requestFrame } from './harness.ts'
import { RawSocketClient } from './raw-socket-client.ts'

const brokers: Broker[] = []
const clients: RawSocketClient[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  for (const broker of brokers.splice(0)) await broker.stop()
})

/** Resolves with the port. */
async function start(fs: MemoryFs): Promise<number> {
  const given = new Map([
    ['listeners', 'PLAINTEXT://:0'],
    ['log.dirs', 'data'],
  ])
  const config = resolveBrokerConfig(given, 1_073_741_824)
  const environment = { clock: new SystemClock(), prng: new SeededPrng(1), logger: silentLogger }
  const broker = createBroker({ config, fs, ...environment, softwareVersion: '0.0.0' })
  brokers.push(broker)
  return (await broker.start()).nodes[0]?.listeners[0]?.port ?? 0
}

async function connect(port: number): Promise<RawSocketClient> {
  const client = await RawSocketClient.open(port)
  clients.push(client)
  return client
}

async function alter(client: RawSocketClient, entityType: string, key: string, value: number): Promise<void> {
  const entries = [{ entity: [{ entityType, entityName: null }], ops: [{ key, value, remove: false }] }]
  client.send(requestFrame(AlterClientQuotas, 0, { entries, validateOnly: false }))
  const answer = await client.takeOne()
  // Correlation id, throttle time, number of rows.
  expect(answer.readInt16BE(12)).toBe(ErrorCode.NONE)
}

/** What a Produce is told of its throttling. */
async function throttleMs(client: RawSocketClient): Promise<number> {
  client.send(produced('x'.repeat(4000), 1, 2))
  const answer = await client.takeOne()
  return answer.readInt32BE(answer.length - 4)
}

test('a quota holds from the answer on, and after a restart', async () => {
  const fs = new MemoryFs()
  const first = await connect(await start(fs))
  expect(await throttleMs(first)).toBe(0)
  await alter(first, 'user', 'producer_byte_rate', 100)
  expect(await throttleMs(first)).toBe(11_000)
  await brokers.pop()?.stop()
  const second = await connect(await start(fs))
  expect(await throttleMs(second)).toBe(11_000)
})

test('an address that connects too often is not served, and its connection is closed', async () => {
  const port = await start(new MemoryFs())
  const admin = await connect(port)
  await alter(admin, 'ip', 'connection_creation_rate', 1)
  const taken: RawSocketClient[] = []
  for (let count = 0; count < 30; count++) taken.push(await connect(port))
  const refused = taken.at(-1)
  refused?.send(beat('a', 1))
  await refused?.closed()
  expect(refused?.received).toBe(0)
  taken[0]?.send(beat('a', 1))
  expect(await taken[0]?.takeOne()).toBeDefined()
})

test('max.connection.creation.rate is taken up while the broker runs: connections then wait, and are served', async () => {
  const port = await start(new MemoryFs())
  const admin = await connect(port)
  const configs = [{ name: 'max.connection.creation.rate', configOperation: 0, value: '1' }]
  const resources = [{ resourceType: 4, resourceName: '', configs }]
  admin.send(requestFrame(IncrementalAlterConfigs, 0, { resources, validateOnly: false }))
  await admin.takeOne()
  const later: RawSocketClient[] = []
  for (let count = 0; count < 12; count++) later.push(await connect(port))
  const [first, last] = [later[0], later.at(-1)]
  last?.send(beat('a', 2))
  first?.send(beat('a', 1))
  await first?.takeOne()
  expect(last?.received).toBe(0)
  expect((await last?.takeOne())?.readInt32BE(0)).toBe(2)
})
