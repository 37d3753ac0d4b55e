import { ManualClock } from '@odradek/core'
import { Metadata } from '@odradek/protocol'
import { settings, start, stopAll, turns, until } from './connection-fixture.ts'
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

test('odradek.max.unsent.bytes: answers other than to fetches that nobody reads are held for no second past twice of it', async () => {
  const clock = new ManualClock()
  const bounded = { ...settings, unsentBytesMax: 1_000_000 }
  const { connections, connect, log } = await start({ clock, settings: bounded })
  const topics = Array.from({ length: 300 }, () => ({ name: 't' }))
  for (let count = 0; count < 3; count++) {
    const client = await connect()
    client.socket.pause()
    client.send(requestFrame(Metadata, 0, { topics }, null, 1))
  }
  const reading = await connect()
  await until(() => connections.count === 4 && connections.unsentBytes > 2_000_000)
  clock.advance(1000)
  await turns(5)
  expect(connections.unsentBytes).toBeLessThanOrEqual(2_000_000)
  expect(log[0]).toContain('its answers were not read while memory for answers is short')
  reading.send(requestFrame(Metadata, 0, { topics: [] }, null, 2))
  expect(await reading.take(1)).toHaveLength(1)
})
