import { Metadata } from '@odradek/protocol'
import {
  beat,
  correlationIds,
  pending,
  produced,
  seen,
  settings,
  start,
  stopAll,
  turns,
  until,
} from './connection-fixture.ts'
import { requestFrame } from './harness.ts'

afterEach(stopAll)

test('odradek.max.connection.request.bytes: so many bytes of requests are under way, and not one more', async () => {
  const frames = ['p', 'p', 'p'].map((name, index) => produced(name, -1, index))
  const bytes = frames[0]?.length ?? 0
  for (const [connectionRequestBytesMax, begun] of [
    [2 * bytes, 2],
    [2 * bytes - 1, 1],
  ] as const) {
    const { connect } = await start({ settings: { ...settings, connectionRequestBytesMax } })
    const client = await connect()
    client.send(...frames)
    await until(() => seen.length === begun)
    await turns(10)
    expect(seen).toHaveLength(begun)
    for (let answered = 0; answered < frames.length; answered++) {
      await until(() => pending.length > 0)
      pending.shift()?.answer()
    }
    expect(correlationIds(await client.take(3))).toEqual([0, 1, 2])
    seen.length = 0
  }
})

test('a request alone is taken whatever odradek.max.connection.request.bytes says', async () => {
  const { connect } = await start({ settings: { ...settings, connectionRequestBytesMax: 1 } })
  const client = await connect()
  client.send(produced('a', 1, 1), produced('b', 1, 2), beat('c', 3))
  expect(correlationIds(await client.take(3))).toEqual([1, 2, 3])
})

test('odradek.max.connection.unsent.bytes: past it nothing more is served until the peer has read', async () => {
  const topics = Array.from({ length: 100 }, () => ({ name: 't' }))
  const count = 20
  const frames = Array.from({ length: count }, (_, index) => requestFrame(Metadata, 0, { topics }, null, index))
  for (const [connectionUnsentBytesMax, isBounded] of [
    [1, true],
    [1_000_000_000, false],
  ] as const) {
    const { connect } = await start({ settings: { ...settings, connectionUnsentBytesMax } })
    const client = await connect()
    client.socket.pause()
    client.send(...frames)
    await until(() => seen.length === count || (isBounded && seen.length > 0))
    await turns(20)
    if (isBounded) expect(seen.length).toBeLessThan(count)
    else expect(seen).toHaveLength(count)
    client.socket.resume()
    expect(await client.take(count)).toHaveLength(count)
    seen.length = 0
  }
})

test('odradek.max.request.elements: a request with so many is served, with one more its connection ends', async () => {
  const { connect, log } = await start({ requestElementsMax: 10 })
  const client = await connect()
  const asking = (count: number) =>
    requestFrame(Metadata, 0, { topics: Array.from({ length: count }, () => ({ name: 't' })) })
  client.send(asking(10))
  await client.takeOne()
  client.send(asking(11))
  await client.closed()
  expect(log).toEqual([expect.stringContaining('more than 10 elements')])
})

test.each([
  ['at one go', 'a'],
  ['in turns', 'a'.repeat(10_000)],
])(
  'odradek.max.response.bytes: an answer %s of so many bytes is sent, in place of a larger one the connection ends',
  async (_, name) => {
    const topics = Array.from({ length: 20 }, () => ({ name }))
    const request = requestFrame(Metadata, 0, { topics })
    const ask = async (responseBytesMax?: number) => {
      const { connect, log } = await start(responseBytesMax === undefined ? {} : { responseBytesMax })
      const client = await connect()
      client.send(request)
      const [answer] = await client.take(1)
      return { bytes: answer?.length, log }
    }
    const { bytes } = await ask()
    expect(bytes).toBeGreaterThan(0)
    expect((await ask(bytes)).bytes).toBe(bytes)
    const { bytes: none, log } = await ask((bytes ?? 0) - 1)
    expect(none).toBeUndefined()
    expect(log).toEqual([expect.stringMatching(/the answer to Metadata would be larger than \d+ bytes/)])
  },
)
