import { CommandFailure } from '../client/failure.ts'
import { EARLIEST, LATEST, listOffsets, partitionsOf } from '../client/partition-offsets.ts'
import { UsageError } from '../usage-error.ts'
import { consumeAlone } from './consume-alone.ts'
import { consumeInGroup } from './consume-in-group.ts'
import { recordPrinter } from './record-printer.ts'
import type { Session } from './session.ts'
import { timeFrom } from './time-text.ts'
import type { ClientVerb } from './verb.ts'

const INT32_MAX = 2_147_483_647
const MAX = Number.MAX_SAFE_INTEGER

export const CONSUME: ClientVerb = {
  name: 'consume',
  description: 'Show records as they come.',
  define(command) {
    command
      .argument('<topics...>', 'their names')
      .option('--from-beginning', 'all that is there, and then what comes; otherwise only what comes')
      .option('--offset <offset>', 'from this one on; of one partition')
      .option('--from-time <time>', 'from the first record at or after 2026-11-30T12:00:00Z on')
      .option('--partition <number>', 'only this one')
      .option('--max-records <count>', 'end after so many')
      .option('--until-end', 'end behind what is there now')
      .option('--read-committed', 'nothing of transactions that are open or were aborted')
      .option('--group <id>', 'share the partitions with the other members, and commit what was shown')
      .option('--keys', 'also the key, and a tab, before each value')
      .addHelpText(
        'after',
        `
Without --group nothing is left in the cluster. With --json: topic, partition, offset, timestamp, key, value and headers of each;
bytes that are no text stand as {"base64": "..."}.`,
      )
  },
  task(given) {
    const recordsMax = given.integer('maxRecords', 1, MAX) ?? Number.POSITIVE_INFINITY
    const isolation = given.has('readCommitted') ? 'read_committed' : 'read_uncommitted'
    const print = recordPrinter(given.has('json'), given.has('keys'))
    const group = given.text('group')
    const where = given.oneOf(['fromBeginning', 'offset', 'fromTime'])
    if (group !== null) {
      const other = ['offset', 'fromTime', 'partition', 'untilEnd'].find((name) => given.has(name))
      if (other !== undefined)
        throw new UsageError('--group goes on where the group is: take only --from-beginning with it')
      const fromBeginning = where === 'fromBeginning'
      return (session) =>
        consumeInGroup(session, { groupId: group, topics: given.words, fromBeginning, isolation, recordsMax, print })
    }
    const partition = given.integer('partition', 0, INT32_MAX)
    const offset = given.integer('offset', 0, MAX)
    if (offset !== null && (partition === null || given.words.length > 1))
      throw new UsageError('--offset needs --partition and one topic: offsets differ between partitions')
    const time = given.text('fromTime')
    const start = time !== null ? BigInt(timeFrom(time, '--from-time')) : where === 'fromBeginning' ? EARLIEST : LATEST
    return async (session) => {
      const positions = await positionsFor(session, given.words, partition, offset ?? start)
      await consumeAlone(session, { positions, isolation, recordsMax, untilEnd: given.has('untilEnd'), print })
    }
  },
}

/** `start`: an offset, or what ListOffsets takes. */
async function positionsFor(
  { client }: Session,
  topics: readonly string[],
  partition: number | null,
  start: number | bigint,
) {
  const all = await client.retrying(() => partitionsOf(client, topics))
  const chosen = all.filter((each) => partition === null || each.partition === partition)
  if (chosen.length === 0) throw new CommandFailure(`topic ${topics.join(', ')} has no partition ${partition}`)
  if (typeof start === 'number') return chosen.map((each) => ({ ...each, offset: start }))
  const found = await listOffsets(
    client,
    chosen.map((each) => ({ ...each, timestamp: start })),
  )
  const latest = await listOffsets(
    client,
    chosen.map((each) => ({ ...each, timestamp: LATEST })),
  )
  return found.map(({ topic, partition, offset }, index) => ({
    topic,
    partition,
    // No record is as late as the time: what comes is.
    offset: offset < 0 ? (latest[index]?.offset ?? 0) : offset,
  }))
}
