import { ZERO_TOPIC_ID } from '@odradek/core'
import { CreateTopics, type CreateTopicsRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { configSourceCode } from '../config/config-codes.ts'
import { handler } from '../handler.ts'
import { mapInTurns } from '../in-turns.ts'
import type { CreateTopicCommand, CreateTopicResult } from '../metadata/controller.ts'
import { within } from '../metadata/within.ts'
import type { RequestContext } from '../request-context.ts'

type Row = ResponseOf<typeof CreateTopics>['topics'][number]

const METADATA_TOPIC = '__cluster_metadata'
/** From here on clients know THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const STRICT_VERSION_MIN = 6

/**
 * CreateTopics 0-7. Partitions and replication factor -1 mean the broker's defaults in every version. From 5 on the
 * answer has the topic's configs (KIP-525), from 7 on its id. A topic that is answered without error can be used at once.
 */
export const createTopics = handler(
  CreateTopics,
  [0, 7],
  async (request, context) => {
    const refused = refusals(request, context)
    const commands = request.topics.filter(({ name }) => !refused.has(name)).map(commandOf)
    const { controller, clock } = context.services
    const quota = context.mutationQuota(STRICT_VERSION_MIN)
    // As in Kafka, what is late already is not begun.
    const results =
      request.timeoutMs <= 0
        ? null
        : await within(clock, request.timeoutMs, controller.createTopics(commands, request.validateOnly, quota))
    // Too many partitions at once fail the whole request, whatever else is wrong with some of its topics.
    const [first] = results ?? []
    if (first?.refusesRequest === true) return everyRow(request, ErrorCode.POLICY_VIOLATION, first.message)
    const answers = commands.map((command, index) => ({ command, result: results?.[index] }))
    const rows = await mapInTurns(clock, answers, ({ command, result }) =>
      results === null ? failed(command.name, ErrorCode.REQUEST_TIMED_OUT, null) : rowOf(command, result, context),
    )
    return { topics: [...refused.values(), ...rows] }
  },
  { onBug: (request) => everyRow(request, ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

/** Rows of the names that never reach the controller, each name once. */
function refusals({ topics }: CreateTopicsRequest, context: RequestContext): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>()
  const seen = new Set<string>()
  const mayCreateAny = context.authorize('CREATE', 'CLUSTER', CLUSTER_RESOURCE)
  for (const { name } of topics) {
    if (seen.has(name)) {
      rows.set(name, failed(name, ErrorCode.INVALID_REQUEST, 'The topic is named twice in the request'))
    } else if (name === METADATA_TOPIC) {
      rows.set(name, failed(name, ErrorCode.INVALID_REQUEST, `Topic ${METADATA_TOPIC} cannot be created`))
    } else if (!mayCreateAny && !context.authorize('CREATE', 'TOPIC', name)) {
      rows.set(name, failed(name, ErrorCode.TOPIC_AUTHORIZATION_FAILED, 'The right to create this topic is missing'))
    }
    seen.add(name)
  }
  return rows
}

function commandOf(topic: CreateTopicsRequest['topics'][number]): CreateTopicCommand {
  return {
    name: topic.name,
    partitions: topic.numPartitions,
    replicationFactor: topic.replicationFactor,
    assignments: topic.assignments.map(({ partitionIndex, brokerIds }) => ({
      partition: partitionIndex,
      replicas: brokerIds,
    })),
    configs: topic.configs,
  }
}

function rowOf(command: CreateTopicCommand, result: CreateTopicResult | undefined, context: RequestContext): Row {
  const { name } = command
  if (result === undefined) return failed(name, ErrorCode.UNKNOWN_SERVER_ERROR, null)
  if (result.error !== 'NONE') return failed(name, ErrorCode[result.error], result.message)
  const row = { ...failed(name, ErrorCode.NONE, null), topicId: result.topicId }
  if (!context.authorize('DESCRIBE_CONFIGS', 'TOPIC', name)) {
    const topicConfigErrorCode = context.version >= 5 ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : ErrorCode.NONE
    return { ...row, topicConfigErrorCode, configs: context.version >= 5 ? null : [] }
  }
  return {
    ...row,
    numPartitions: result.partitions,
    replicationFactor: result.replicationFactor,
    configs: configsOf(command, context),
  }
}

/** All of the new topic's configs, the broker's defaults included; its own as the request has them. */
function configsOf({ configs }: CreateTopicCommand, { services, node }: RequestContext): NonNullable<Row['configs']> {
  const own = new Map(configs.map(({ name, value }) => [name, value ?? '']))
  return services.configs.describeNewTopic(own, node).map(({ name, value, source, isReadOnly, isSensitive }) => ({
    name,
    value: own.get(name) ?? value,
    readOnly: isReadOnly,
    configSource: configSourceCode(source),
    isSensitive,
  }))
}

function everyRow(request: CreateTopicsRequest, errorCode: ErrorCode, message: string | null) {
  return { topics: request.topics.map(({ name }) => failed(name, errorCode, message)) }
}

function failed(name: string, errorCode: ErrorCode, errorMessage: string | null): Row {
  return {
    name,
    topicId: ZERO_TOPIC_ID,
    errorCode,
    errorMessage,
    numPartitions: -1,
    replicationFactor: -1,
    configs: [],
  }
}
