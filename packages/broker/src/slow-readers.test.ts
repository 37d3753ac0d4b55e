import { ManualClock } from '@odradek/core'
import { Metadata } from '@odradek/protocol'
import { seen, settings, start, stopAll, turns, until } from './connection-fixture.ts'
import { requestFrame } from './harness.ts'
import { slowReaders } from './slow-readers.ts'

const BOUND = { unsentBytesMax: 100, slowReaderTimeoutMs: 30_000 }

afterEach(stopAll)

const reader = (name: string, unsentBytes: number, stalledMs: number) => ({
  name,
  unsentBytes,
  stalledMs: () => stalledMs,
})

function closed(...readers: readonly ReturnType<typeof reader>[]): readonly string[] {
  return slowReaders(readers, new ManualClock().monotonicMs(), BOUND).map(({ name }) => name)
}

test('up to half of the bound everybody may take his time', () => {
  expect(closed(reader('a', 25, 60_000), reader('b', 25, 60_000))).toEqual([])
})

test('past half of it those who have read nothing for long are closed', () => {
  expect(closed(reader('a', 25, 30_000), reader('b', 26, 29_999), reader('idle', 0, 60_000))).toEqual(['a'])
})

test('past twice the bound as many as it takes, the longest stalled first, then the largest', () => {
  expect(closed(reader('a', 100, 0), reader('b', 100, 0))).toEqual([])
  expect(closed(reader('a', 100, 0), reader('b', 101, 0))).toEqual(['b'])
  expect(closed(reader('a', 100, 1000), reader('b', 150, 0), reader('c', 151, 0))).toEqual(['a', 'c'])
})

test('with less to be kept, as many as that takes', () => {
  const kept = (bytes: number) => slowReaders(both, new ManualClock().monotonicMs(), BOUND, bytes)
  const both = [reader('a', 100, 0), reader('b', 80, 0)]
  expect(kept(180)).toEqual([])
  expect(kept(179).map(({ name }) => name)).toEqual(['a'])
})

test('odradek.max.unsent.bytes: what answers take past twice of it is given back at once, by others than who is answered', async () => {
  const bounded = { ...settings, unsentBytesMax: 20_000_000 }
  const { connections, connect, log } = await start({ clock: new ManualClock(), settings: bounded })
  const topics = Array.from({ length: 300 }, () => ({ name: 't' }))
  const answerBytes = 9_100_000
  for (let count = 1; count <= 15; count++) {
    const client = await connect()
    client.socket.pause()
    client.send(requestFrame(Metadata, 0, { topics }, null, 1))
    await until(() => seen.length === count)
    await turns(2)
    expect(connections.unsentBytes).toBeLessThanOrEqual(40_000_000)
  }
  expect(connections.unsentBytes).toBeGreaterThan(20_000_000)
  expect(log[0]).toContain('its answers were not read while memory for answers is short')
  const reading = await connect()
  reading.send(requestFrame(Metadata, 0, { topics }, null, 2))
  expect((await reading.take(1))[0]?.length).toBeGreaterThan(answerBytes - 200_000)
})

test('odradek.max.unsent.bytes: an answer that is past twice of it alone has a second to be read', async () => {
  const clock = new ManualClock()
  const bounded = { ...settings, unsentBytesMax: 1_000_000 }
  const { connections, connect, log } = await start({ clock, settings: bounded })
  const topics = Array.from({ length: 300 }, () => ({ name: 't' }))
  const client = await connect()
  client.socket.pause()
  client.send(requestFrame(Metadata, 0, { topics }, null, 1))
  const reading = await connect()
  await until(() => connections.count === 2 && connections.unsentBytes > 2_000_000)
  clock.advance(1000)
  await turns(5)
  expect(connections.unsentBytes).toBeLessThanOrEqual(2_000_000)
  expect(log[0]).toContain('its answers were not read while memory for answers is short')
  reading.send(requestFrame(Metadata, 0, { topics: [] }, null, 2))
  expect(await reading.take(1)).toHaveLength(1)
})
