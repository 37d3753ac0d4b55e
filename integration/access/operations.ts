import {
  CreateTopics,
  DescribeCluster,
  DescribeGroups,
  DescribeTopicPartitions,
  ErrorCode,
  FindCoordinator,
  Metadata,
  OffsetCommit,
} from '@odradek/protocol'
import { until } from '../harness/until.ts'
import type { WireClient } from '../harness/wire-client.ts'
import { aclsOfEverybody, type Holder, NAMES, PUBLIC_TOPIC, READ_ONLY_TOPIC } from './operation-holders.ts'
import { grant, logIn, SUPER_USER } from './users.ts'

const { TOPIC, GROUP } = NAMES
const TOPICS = [TOPIC, PUBLIC_TOPIC, READ_ONLY_TOPIC]
/** There is no such topic, and no such group. */
const ABSENT = 'operations-absent'
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'

/** A line for each part of an answer that has operations: its name, its error code, the bits. */
type Lines = readonly string[]

/** By question, what one holder is answered. */
export type OperationsSeen = Readonly<Record<string, Lines>>

interface Question {
  readonly name: string
  ask(client: WireClient, topicIds: readonly string[]): Promise<Lines>
}

const line = (name: string | null, errorCode: number, bits: number): string => `${name} ${errorCode} ${bits}`

interface MetadataTerms {
  readonly note?: string
  /** Null: all there are. */
  readonly asked?: 'by name' | 'by id' | null
  readonly isAsked?: boolean
}

function metadata(version: number, { note, asked = 'by name', isAsked = true }: MetadataTerms = {}): Question {
  return {
    name: `Metadata ${version}${note === undefined ? '' : ` ${note}`}`,
    async ask(client, topicIds) {
      const byId = topicIds.map((topicId) => ({ topicId, name: null }))
      const byName = [...TOPICS, ABSENT].map((name) => ({ topicId: NO_ID, name }))
      const answer = await client.call(Metadata, version, {
        topics: asked === null ? null : asked === 'by id' ? byId : byName,
        allowAutoTopicCreation: false,
        includeClusterAuthorizedOperations: isAsked && version <= 10,
        includeTopicAuthorizedOperations: isAsked,
      })
      const ours = answer.topics.filter(({ name }) => name === null || name.startsWith('operations-'))
      const lines = ours.map(({ name, errorCode, topicAuthorizedOperations }) =>
        line(name, errorCode, topicAuthorizedOperations),
      )
      return [line('cluster', answer.errorCode, answer.clusterAuthorizedOperations), ...lines.sort()]
    },
  }
}

function describeCluster(version: number, includeClusterAuthorizedOperations = true): Question {
  return {
    name: `DescribeCluster ${version}${includeClusterAuthorizedOperations ? '' : ' not asked'}`,
    async ask(client) {
      const answer = await client.call(DescribeCluster, version, { includeClusterAuthorizedOperations })
      return [line('cluster', answer.errorCode, answer.clusterAuthorizedOperations)]
    },
  }
}

function describeGroups(version: number, includeAuthorizedOperations = true): Question {
  return {
    name: `DescribeGroups ${version}${includeAuthorizedOperations ? '' : ' not asked'}`,
    async ask(client) {
      const answer = await client.call(DescribeGroups, version, {
        groups: [GROUP, ABSENT],
        includeAuthorizedOperations,
      })
      return answer.groups
        .map(({ groupId, errorCode, authorizedOperations }) => line(groupId, errorCode, authorizedOperations))
        .sort()
    },
  }
}

const describeTopicPartitions: Question = {
  name: 'DescribeTopicPartitions 0',
  async ask(client) {
    const { topics } = await client.call(DescribeTopicPartitions, 0, {
      topics: [...TOPICS, ABSENT].map((name) => ({ name })),
    })
    return topics
      .map(({ name, errorCode, topicAuthorizedOperations }) => line(name, errorCode, topicAuthorizedOperations))
      .sort()
  },
}

const QUESTIONS: readonly Question[] = [
  metadata(8),
  metadata(9),
  metadata(10),
  metadata(13),
  metadata(10, { note: 'of all', asked: null }),
  metadata(12, { note: 'by id', asked: 'by id' }),
  metadata(10, { note: 'not asked', isAsked: false }),
  describeCluster(0),
  describeCluster(1),
  describeCluster(2),
  describeCluster(2, false),
  describeGroups(3),
  describeGroups(4),
  describeGroups(5),
  describeGroups(6),
  describeGroups(6, false),
  describeTopicPartitions,
]

/** What each holder, and the super user, is answered by a broker that lets them in on this port; by what they have. */
export async function askOperations(
  port: number,
  holders: readonly Holder[],
): Promise<Readonly<Record<string, OperationsSeen>>> {
  const root = await logIn(port, SUPER_USER)
  const topicIds = await prepare(root)
  await grant(root, [...aclsOfEverybody, ...holders.flatMap(({ acls }) => acls)])
  const seen: Record<string, OperationsSeen> = { 'a super user': await askAll(root, topicIds) }
  for (const { user, has } of holders) {
    const client = await logIn(port, user)
    seen[has] = await askAll(client, topicIds)
    client.close()
  }
  root.close()
  return seen
}

async function askAll(client: WireClient, topicIds: readonly string[]): Promise<OperationsSeen> {
  const seen: Record<string, Lines> = {}
  for (const { name, ask } of QUESTIONS) seen[name] = await ask(client, topicIds)
  return seen
}

/** Makes the topics and the group; returns the ids of the topics, in their order. */
async function prepare(root: WireClient): Promise<readonly string[]> {
  const terms = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  await root.call(CreateTopics, 5, { topics: TOPICS.map((name) => ({ name, ...terms })), timeoutMs: 10_000 })
  const ids = () => idsOf(root)
  await until('the topics are there', async () => (await ids()).length === TOPICS.length)
  const topics = [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 0n, committedMetadata: '' }] }]
  await until('the group is there', async () => {
    await root.call(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [GROUP, ABSENT] })
    const commit = await root.call(OffsetCommit, 8, { groupId: GROUP, generationIdOrMemberEpoch: -1, topics })
    return commit.topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE
  })
  await until('the coordinator knows of every group', async () => {
    const { groups } = await root.call(DescribeGroups, 5, { groups: [GROUP, ABSENT] })
    return groups.every(({ errorCode }) => errorCode === ErrorCode.NONE)
  })
  return ids()
}

async function idsOf(root: WireClient): Promise<readonly string[]> {
  const { topics } = await root.call(Metadata, 12, {
    topics: TOPICS.map((name) => ({ topicId: NO_ID, name })),
    allowAutoTopicCreation: false,
  })
  return topics.filter(({ errorCode }) => errorCode === ErrorCode.NONE).map(({ topicId }) => topicId)
}
