import { EARLIEST, LATEST, listOffsets, MAX_TIMESTAMP, partitionsOf } from '../client/partition-offsets.ts'
import { timeFrom } from './time-text.ts'
import type { ClientVerb } from './verb.ts'

const TIMES: ReadonlyMap<string, bigint> = new Map([
  ['latest', LATEST],
  ['earliest', EARLIEST],
  ['max-timestamp', MAX_TIMESTAMP],
])

export const TOPICS_OFFSETS: ClientVerb = {
  name: 'offsets',
  description: 'First and next offset of each partition, or the first offset at or after a time.',
  define(command) {
    command
      .argument('<topics...>', 'their names')
      .option('--time <time>', 'latest, earliest, max-timestamp, milliseconds since 1970, or 2026-11-30T12:00:00Z')
  },
  task(given) {
    const time = given.text('time')
    const timestamp = time === null ? null : (TIMES.get(time) ?? BigInt(timeFrom(time, '--time')))
    return async (session) => {
      const { client } = session
      const partitions = await client.retrying(() => partitionsOf(client, given.words))
      const ask = (at: bigint) =>
        listOffsets(
          client,
          partitions.map((each) => ({ ...each, timestamp: at })),
        )
      if (timestamp === null) {
        const [earliest, latest] = [await ask(EARLIEST), await ask(LATEST)]
        session.show(
          partitions.map((each, index) => {
            const [start, end] = [earliest[index]?.offset ?? -1, latest[index]?.offset ?? -1]
            return { ...each, earliest: start, latest: end, records: end - start }
          }),
        )
        return
      }
      const found = await ask(timestamp)
      session.show(
        found.map(({ topic, partition, offset, timestamp: at }) => ({
          topic,
          partition,
          offset: offset < 0 ? null : offset,
          timestamp: at < 0 ? null : at,
        })),
      )
    }
  },
}
