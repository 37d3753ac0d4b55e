import { SeededPrng, SystemClock, silentLogger } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { ErrorCode, IncrementalAlterConfigs } from '@odradek/protocol'
import { createBroker } from './broker.ts'
import { resolveBrokerConfig } from './config/resolve-broker-config.ts'
import { beat } from './connection-fixture.ts'
import { requestFrame } from './harness.ts'
import { RawSocketClient } from './raw-socket-client.ts'

const BROKER_RESOURCE = 4
/** Behind the header: throttle time, number of rows. */
const FIRST_CODE_AT = 4 + 4 + 4

test.each(['max.connections', 'max.connections.per.ip'])('%s holds for the next connection', async (name) => {
  const config = resolveBrokerConfig(
    new Map([
      ['listeners', 'PLAINTEXT://:0'],
      ['log.dirs', 'data'],
    ]),
    1e9,
  )
  const environment = { clock: new SystemClock(), prng: new SeededPrng(1), logger: silentLogger }
  const broker = createBroker({ config, fs: new MemoryFs(), ...environment, softwareVersion: '0.0.0' })
  const port = (await broker.start()).nodes[0]?.listeners[0]?.port ?? 0
  const first = await RawSocketClient.open(port)
  const second = await RawSocketClient.open(port)
  const resources = [
    { resourceType: BROKER_RESOURCE, resourceName: '', configs: [{ name, configOperation: 0, value: '2' }] },
  ]
  first.send(requestFrame(IncrementalAlterConfigs, 0, { resources, validateOnly: false }))
  expect((await first.takeOne()).readInt16BE(FIRST_CODE_AT)).toBe(ErrorCode.NONE)
  const third = await RawSocketClient.open(port)
  await third.closed()
  second.send(beat('a', 1))
  await second.takeOne()
  for (const client of [first, second]) client.destroy()
  await broker.stop()
})
