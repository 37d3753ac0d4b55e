import { setTimeout as pause } from 'node:timers/promises'
import { CreateTopics, DeleteTopics, ErrorCode, ListOffsets } from '@odradek/protocol'
import { WireClient } from '../harness/wire-client.ts'

const CREATE_TOPICS_VERSION = 4
const DELETE_TOPICS_VERSION = 3
const LIST_OFFSETS_VERSION = 3
const TIMEOUT_MS = 60_000
const LATEST = -1n

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  readonly configs?: Readonly<Record<string, string>>
}

async function withClient<Result>(port: number, use: (client: WireClient) => Promise<Result>): Promise<Result> {
  const client = await WireClient.open(port)
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

/** Resolves when every partition answers: Kafka says that a topic exists before its partitions do. */
export function createTopic(port: number, { name, partitions, configs = {} }: TopicSpec): Promise<void> {
  return withClient(port, async (client) => {
    const { topics } = await client.call(CreateTopics, CREATE_TOPICS_VERSION, {
      topics: [
        {
          name,
          numPartitions: partitions,
          replicationFactor: 1,
          assignments: [],
          configs: Object.entries({ 'max.message.bytes': '16777216', ...configs }).map(([key, value]) => ({
            name: key,
            value,
          })),
        },
      ],
      timeoutMs: TIMEOUT_MS,
      validateOnly: false,
    })
    const fault = topics.find(({ errorCode }) => errorCode !== ErrorCode.NONE)
    if (fault !== undefined) throw new Error(`topic ${name}: error ${fault.errorCode}, ${fault.errorMessage}`)
    const endMs = performance.now() + TIMEOUT_MS
    while ((await endOffsets(client, name, partitions)) === null) {
      if (performance.now() > endMs) throw new Error(`topic ${name} was not ready within ${TIMEOUT_MS} ms`)
      await pause(20)
    }
  })
}

/** Null while a partition does not answer. */
async function endOffsets(client: WireClient, name: string, partitions: number): Promise<readonly bigint[] | null> {
  const asked = Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: LATEST }))
  const { topics } = await client.call(ListOffsets, LIST_OFFSETS_VERSION, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name, partitions: asked }],
  })
  const answers = topics.flatMap((topic) => topic.partitions)
  if (answers.length < partitions || answers.some(({ errorCode }) => errorCode !== ErrorCode.NONE)) return null
  return answers.map(({ offset }) => offset)
}

export function deleteTopic(port: number, name: string): Promise<void> {
  return withClient(port, async (client) => {
    const request = { topicNames: [name], timeoutMs: TIMEOUT_MS }
    const { responses } = await client.call(DeleteTopics, DELETE_TOPICS_VERSION, request)
    const fault = responses.find(({ errorCode }) => errorCode !== ErrorCode.NONE)
    if (fault !== undefined) throw new Error(`topic ${name} could not be deleted: error ${fault.errorCode}`)
  })
}
