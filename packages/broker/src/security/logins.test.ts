import type { MonotonicMs } from '@odradek/core'
import type { RawSocketClient } from '../raw-socket-client.ts'
import { Logins } from './logins.ts'
import { plainClient, startSecure, stopSecure } from './secure-broker-fixture.ts'

afterEach(stopSecure)

const NOW = 0 as MonotonicMs
const peer = (host: string) => ({ host, port: 1 })

test('odradek.max.logins and odradek.max.logins.per.ip: so many, and not one more, until one is done', () => {
  const logins = new Logins<number>({ loginsMax: 3, loginsPerIpMax: 2, loginTimeoutMs: 1000 })
  for (const id of [1, 2]) {
    expect(logins.refusal(peer('a'))).toBeNull()
    logins.begin(id, peer('a'), NOW)
  }
  expect(logins.refusal(peer('a'))).toContain('(odradek.max.logins.per.ip)')
  expect(logins.refusal(peer('b'))).toBeNull()
  logins.begin(3, peer('b'), NOW)
  expect(logins.refusal(peer('c'))).toContain('(odradek.max.logins)')
  logins.end(1)
  expect(logins.refusal(peer('a'))).toBeNull()
})

test('odradek.login.timeout.ms: overdue is who began so long ago, and not a moment less', () => {
  const logins = new Logins<number>({ loginsMax: 3, loginsPerIpMax: 3, loginTimeoutMs: 1000 })
  logins.begin(1, peer('a'), NOW)
  logins.begin(2, peer('a'), 1 as MonotonicMs)
  expect(logins.overdue(999 as MonotonicMs)).toEqual([])
  expect(logins.overdue(1000 as MonotonicMs)).toEqual([1])
})

test('2,000 connections may be in the middle of a login, one more is closed, and a place that is left is taken', async () => {
  const { ports, log } = await startSecure({
    listeners: 'SASL_PLAINTEXT://localhost:0',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
    'max.connections.per.ip': '5000',
    'odradek.max.logins.per.ip': '5000',
  })
  const port = ports['SASL_PLAINTEXT'] ?? 0
  const clients: RawSocketClient[] = []
  while (clients.length < 2000) {
    // No more at a time than the kernel lets wait for accept.
    clients.push(...(await Promise.all(Array.from({ length: 100 }, () => plainClient(port)))))
  }
  await (await plainClient(port)).closed()
  expect(log.filter((line) => line.includes('2000 connections have not logged in yet'))).toHaveLength(1)
  expect(clients.filter(({ isClosed }) => isClosed)).toHaveLength(0)
  clients[0]?.destroy()
  // The broker hears of the end a moment later: whoever is turned away until then tries again.
  for (let taken = false; !taken; ) {
    const next = await plainClient(port)
    taken = await Promise.race([next.closed().then(() => false), answersApiVersions(next)])
  }
}, 60_000)

/** Kafka's smallest request, ApiVersions 0. */
async function answersApiVersions(client: RawSocketClient): Promise<boolean> {
  client.send(Buffer.from('00120000000000010000', 'hex'))
  return (await client.take(1)).length === 1
}
