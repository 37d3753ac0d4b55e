import { ErrorCode } from '@odradek/protocol'
import { CommandFailure } from '../client/failure.ts'
import { describeGroup } from '../client/group-description.ts'
import { type CommittedOffset, commitOffsets, committedOffsets } from '../client/group-offsets.ts'
import type { KafkaClient } from '../client/kafka-client.ts'
import { EARLIEST, LATEST, listOffsets, partitionName, type TopicPartition } from '../client/partition-offsets.ts'
import { UsageError } from '../usage-error.ts'
import { integerFrom } from './given.ts'
import { type ResetTarget, resetTarget } from './reset-target.ts'
import type { Session } from './session.ts'
import { chosenPartitions, chosenTopics, type TopicChoice } from './topic-choice.ts'
import { type ClientVerb, repeated } from './verb.ts'

const MAX = Number.MAX_SAFE_INTEGER

interface Reset {
  readonly groupId: string
  readonly target: ResetTarget
  /** Null stands for all that is committed; not asked for with a file. */
  readonly choices: readonly TopicChoice[] | null
  readonly execute: boolean
}

export const GROUPS_RESET_OFFSETS: ClientVerb = {
  name: 'reset-offsets',
  description: 'Set the offsets of a group without members. Shows what would be; --execute does it.',
  define(command) {
    command
      .argument('<group>', 'its id; it need not be there')
      .option('--topic <name[:0,1,2]>', 'a topic, or partitions of it; may be repeated', repeated)
      .option('--all-topics', 'all that the group has committed')
      .option('--to-earliest', 'the first offset there is')
      .option('--to-latest', 'behind the last record')
      .option('--to-current', 'where it is; behind the last record where it is nowhere')
      .option('--to-offset <offset>', 'this one')
      .option('--shift-by <count>', 'forwards, or backwards by a negative number')
      .option('--to-datetime <time>', 'the first record at or after 2026-11-30T12:00:00Z')
      .option('--by-duration <duration>', 'the first record that is no older than PT1H30M')
      .option('--from-file <file>', 'lines TOPIC,PARTITION,OFFSET, as Kafka’s own tool exports them')
      .option('--execute', 'do it')
  },
  task(given) {
    const target = resetTarget(given)
    if (target.kind === 'file' && (given.has('topic') || given.has('allTopics')))
      throw new UsageError('--from-file names the partitions: leave out --topic and --all-topics')
    const choices = target.kind === 'file' ? null : chosenTopics(given)
    return (session) =>
      reset(session, { groupId: given.words[0] ?? '', target, choices, execute: given.has('execute') })
  },
}

async function reset(session: Session, { groupId, target, choices, execute }: Reset): Promise<void> {
  const { client, host } = session
  await refuseActive(client, groupId)
  const committed = await client.retrying(() => committedOffsets(client, groupId))
  const wanted =
    target.kind === 'file'
      ? offsetsInFile(target.path, host.fs.readFileSync(target.path))
      : await offsetsFor(
          client,
          target,
          await chosenPartitions(client, choices, committed),
          committed,
          host.clock.wallMs(),
        )
  const offsets = await within(session, wanted)
  if (execute && offsets.length > 0) await client.retrying(() => commitOffsets(client, groupId, offsets))
  const current = new Map(committed.map((each) => [partitionName(each), each.offset]))
  session.show(
    offsets.map(({ topic, partition, offset }) => ({
      group: groupId,
      topic,
      partition,
      currentOffset: current.get(partitionName({ topic, partition })) ?? null,
      newOffset: offset,
    })),
    `group ${groupId} has committed nothing`,
  )
  if (!execute && offsets.length > 0) session.note('nothing is changed yet: --execute does it')
}

/** A member would commit over what is set here. A group that is not there may be given its first offsets. */
async function refuseActive(client: KafkaClient, groupId: string): Promise<void> {
  const state = await client.retrying(async () => {
    try {
      return (await describeGroup(client, groupId)).state
    } catch (error) {
      if (error instanceof CommandFailure && error.code === ErrorCode.GROUP_ID_NOT_FOUND) return 'Dead'
      throw error
    }
  })
  if (state === 'Empty' || state === 'Dead') return
  throw new CommandFailure(`group ${groupId} is ${state.toLowerCase()}: stop its members first`)
}

async function offsetsFor(
  client: KafkaClient,
  target: Exclude<ResetTarget, { kind: 'file' }>,
  partitions: readonly TopicPartition[],
  committed: readonly CommittedOffset[],
  nowMs: number,
): Promise<readonly CommittedOffset[]> {
  const current = new Map(committed.map((each) => [partitionName(each), each.offset]))
  const at = async (timestamp: bigint): Promise<readonly CommittedOffset[]> => {
    const found = await listOffsets(
      client,
      partitions.map((each) => ({ ...each, timestamp })),
    )
    return found.map(({ topic, partition, offset }) => ({ topic, partition, offset }))
  }
  const orLatest = async (known: readonly CommittedOffset[]): Promise<readonly CommittedOffset[]> => {
    const latest = await at(LATEST)
    return known.map((each, index) => (each.offset >= 0 ? each : (latest[index] ?? each)))
  }
  switch (target.kind) {
    case 'earliest':
      return at(EARLIEST)
    case 'latest':
      return at(LATEST)
    case 'current':
      return orLatest(partitions.map((each) => ({ ...each, offset: current.get(partitionName(each)) ?? -1 })))
    case 'offset':
      return partitions.map((each) => ({ ...each, offset: target.offset }))
    case 'shift':
      return partitions.map((each) => {
        const offset = current.get(partitionName(each))
        if (offset === undefined)
          throw new CommandFailure(`${partitionName(each)}: nothing is committed that could be shifted`)
        return { ...each, offset: offset + target.by }
      })
    case 'time':
      return orLatest(await at(BigInt(target.timestamp)))
    case 'ago':
      // Below 0 there are no times, but what ListOffsets has in their place.
      return orLatest(await at(BigInt(Math.max(0, nowMs - target.durationMs))))
  }
}

/** No offset that the log does not have: the next one that it has, as Kafka's tool does. */
async function within(session: Session, wanted: readonly CommittedOffset[]): Promise<readonly CommittedOffset[]> {
  const { client } = session
  const earliest = await listOffsets(
    client,
    wanted.map((each) => ({ ...each, timestamp: EARLIEST })),
  )
  const latest = await listOffsets(
    client,
    wanted.map((each) => ({ ...each, timestamp: LATEST })),
  )
  return wanted.map(({ topic, partition, offset }, index) => {
    const nearest = Math.min(Math.max(offset, earliest[index]?.offset ?? 0), latest[index]?.offset ?? 0)
    if (nearest !== offset) session.note(`${topic}-${partition} has no offset ${offset}: ${nearest} is the nearest`)
    return { topic, partition, offset: nearest }
  })
}

/** @throws UsageError for a line that is none. */
function offsetsInFile(path: string, bytes: Uint8Array | null): readonly CommittedOffset[] {
  if (bytes === null) throw new UsageError(`--from-file ${path}: there is no such file`)
  const lines = Buffer.from(bytes).toString().split(/\r?\n/)
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const parts = line.split(',').map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    const [topic = '', partition = '', offset = ''] = parts
    if (parts.length !== 3 || topic === '') throw new UsageError(`${path}:${index + 1}: write TOPIC,PARTITION,OFFSET`)
    const place = `${path}:${index + 1}:`
    return [{ topic, partition: integerFrom(partition, place, 0, MAX), offset: integerFrom(offset, place, 0, MAX) }]
  })
}
