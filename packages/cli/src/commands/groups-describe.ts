import { describeGroup, type GroupDescription, type GroupMember } from '../client/group-description.ts'
import { type CommittedOffset, committedOffsets } from '../client/group-offsets.ts'
import type { KafkaClient } from '../client/kafka-client.ts'
import { LATEST, listOffsets, partitionName, partitionsOf, type TopicPartition } from '../client/partition-offsets.ts'
import { listGroups } from './list-groups.ts'
import type { Row } from './output.ts'
import type { Session } from './session.ts'
import type { ClientVerb } from './verb.ts'

export const GROUPS_DESCRIBE: ClientVerb = {
  name: 'describe',
  description: 'Committed offsets and lag of groups, and who reads what.',
  define(command) {
    command
      .argument('[groups...]', 'all groups when none is named')
      .option('--members', 'the members instead of the offsets')
  },
  task(given) {
    const isAboutMembers = given.has('members')
    return async (session) => {
      const { client } = session
      const groups = given.words.length > 0 ? given.words : (await listGroups(client)).map(({ groupId }) => groupId)
      if (groups.length === 0) session.note('there are no groups')
      await session.each(groups, async (groupId) => {
        const group = await client.retrying(() => describeGroup(client, groupId))
        const rows = isAboutMembers ? memberRows(group) : await offsetRows(client, group)
        show(session, group, rows, isAboutMembers ? 'members' : 'partitions')
      })
    }
  },
}

function show(session: Session, group: GroupDescription, rows: readonly Row[], what: string): void {
  const { groupId, type, state, assignor, coordinator, members } = group
  if (session.isJson) {
    session.show([{ group: groupId, type, state, assignor, coordinator, memberCount: members.length, [what]: rows }])
    return
  }
  const count = `${members.length} ${members.length === 1 ? 'member' : 'members'}`
  const facts = [state, count, ...(assignor === '' ? [] : [assignor]), `coordinator ${coordinator}`]
  session.host.stdout(`group ${groupId}: ${facts.join(', ')}\n`)
  session.show(rows)
}

function memberRows({ members }: GroupDescription): readonly Row[] {
  return members.map(({ memberId, instanceId, clientId, host, assigned }) => ({
    member: memberId,
    instance: instanceId,
    client: clientId,
    host,
    assigned: assigned.map(partitionName),
  }))
}

/** Every partition that has a committed offset or a reader. */
async function offsetRows(client: KafkaClient, group: GroupDescription): Promise<readonly Row[]> {
  const committed = await client.retrying(() => committedOffsets(client, group.groupId))
  const offsets = new Map(committed.map((each) => [partitionName(each), each]))
  const readers = new Map<string, GroupMember>()
  const partitions = new Map<string, TopicPartition>(offsets)
  for (const member of group.members) {
    for (const each of member.assigned) {
      readers.set(partitionName(each), member)
      partitions.set(partitionName(each), each)
    }
  }
  const sorted = [...partitions.values()].sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  )
  const ends = await endOffsets(client, sorted)
  return sorted.map((each) => row(each, offsets.get(partitionName(each)), ends, readers.get(partitionName(each))))
}

/** Of those that are still there: a group keeps offsets of a deleted topic for a while. */
async function endOffsets(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<string, number>> {
  const { topics } = await client.retrying(() => client.metadata([...new Set(partitions.map(({ topic }) => topic))]))
  const present = topics.filter(({ errorCode }) => errorCode === 0).map(({ name }) => name ?? '')
  const known = new Set((await client.retrying(() => partitionsOf(client, present))).map(partitionName))
  const wanted = partitions.filter((each) => known.has(partitionName(each)))
  const found = await listOffsets(
    client,
    wanted.map((each) => ({ ...each, timestamp: LATEST })),
  )
  return new Map(found.map((each) => [partitionName(each), each.offset]))
}

function row(
  { topic, partition }: TopicPartition,
  committed: CommittedOffset | undefined,
  ends: ReadonlyMap<string, number>,
  reader: GroupMember | undefined,
): Row {
  const end = ends.get(partitionName({ topic, partition })) ?? null
  return {
    topic,
    partition,
    currentOffset: committed?.offset ?? null,
    logEndOffset: end,
    lag: end === null || committed === undefined ? null : end - committed.offset,
    member: reader?.memberId ?? null,
    host: reader?.host ?? null,
    client: reader?.clientId ?? null,
  }
}
