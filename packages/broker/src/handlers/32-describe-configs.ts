import { DescribeConfigs, type DescribeConfigsRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { configSourceCode, configTypeCode } from '../config/config-codes.ts'
import type { ConfigEntry } from '../config/config-entry.ts'
import { authorizeConfigs, configResourceOf } from '../config/config-resource.ts'
import { describeLoggers } from '../config/describe-loggers.ts'
import { handler } from '../handler.ts'
import { nextTurn } from '../in-turns.ts'
import { topicNameProblem } from '../metadata/topic-name.ts'
import type { RequestContext } from '../request-context.ts'

type Resource = DescribeConfigsRequest['resources'][number]
type Row = ResponseOf<typeof DescribeConfigs>['results'][number]
type Config = Row['configs'][number]

/** A few bytes can ask for all configs of a broker, and the same a thousand times over. */
const ENTRIES_MAX = 500_000

/** After so many, others have their turn. A resource costs as much as a few configs, even where none is shown. */
const ENTRIES_PER_TURN_MAX = 5000
const RESOURCE_COST = 10

/**
 * DescribeConfigs 0-4. 0 says only whether a value is the default; from 1 on its source and, if asked for, the values
 * below it; from 3 on its type and, if asked for, a sentence of documentation.
 */
export const describeConfigs = handler(
  DescribeConfigs,
  [0, 4],
  async (request, context) => {
    // Kafka throws over a type it does not know, and so fails the whole request.
    if (request.resources.some(({ resourceType }) => configResourceOf(resourceType) === undefined)) {
      return everyRow(request, ErrorCode.INVALID_REQUEST, 'A resource type of the request is unknown')
    }
    const results: Row[] = []
    let entries = 0
    let sinceTurn = 0
    for (const resource of request.resources) {
      const row =
        entries < ENTRIES_MAX
          ? describe(resource, request, context)
          : failed(resource, ErrorCode.INVALID_REQUEST, `One answer has at most ${ENTRIES_MAX} configs: ask for fewer`)
      results.push(row)
      entries += row.configs.length
      sinceTurn += row.configs.length + RESOURCE_COST
      if (sinceTurn < ENTRIES_PER_TURN_MAX) continue
      sinceTurn = 0
      await nextTurn(context.services.clock)
    }
    return { results }
  },
  { isAnsweredInTurns: true, onBug: (request) => everyRow(request, ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

function describe(resource: Resource, request: DescribeConfigsRequest, context: RequestContext): Row {
  const { resourceType, resourceName: name, configurationKeys } = resource
  const type = configResourceOf(resourceType)
  if (type === undefined) return failed(resource, ErrorCode.INVALID_REQUEST, null)
  const denied = authorizeConfigs(context, 'DESCRIBE_CONFIGS', type, name)
  if (denied !== ErrorCode.NONE) return failed(resource, denied, 'The right to describe these configs is missing')
  if (type === 'TOPIC') {
    const missing = topicError(resource, context)
    if (missing !== null) return missing
  }
  const keys = configurationKeys === null || configurationKeys.length === 0 ? undefined : new Set(configurationKeys)
  const { entries, problem } =
    type === 'BROKER_LOGGER'
      ? describeLoggers(context, name, (key) => keys?.has(key) ?? true)
      : context.services.configs.describe(context.node, type, name, keys)
  if (problem !== null) return failed(resource, ErrorCode.INVALID_REQUEST, problem)
  const configs = entries.map((entry) => configOf(entry, request, context.version))
  return { errorCode: ErrorCode.NONE, errorMessage: '', resourceType, resourceName: name, configs }
}

function topicError(resource: Resource, { services }: RequestContext): Row | null {
  const name = resource.resourceName
  const problem = topicNameProblem(name)
  if (problem !== null) return failed(resource, ErrorCode.INVALID_TOPIC_EXCEPTION, problem)
  if (services.cluster.topic(name) !== undefined) return null
  // Kafka has no words for it.
  return failed(resource, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, '')
}

function configOf(entry: ConfigEntry, request: DescribeConfigsRequest, version: number): Config {
  const synonyms = request.includeSynonyms ? entry.synonyms : []
  return {
    name: entry.name,
    value: entry.value,
    readOnly: entry.isReadOnly,
    isDefault: version === 0 && entry.source === 'DEFAULT_CONFIG',
    configSource: configSourceCode(entry.source),
    isSensitive: entry.isSensitive,
    synonyms: synonyms.map(({ name, value, source }) => ({ name, value, source: configSourceCode(source) })),
    configType: configTypeCode(entry.type),
    documentation: request.includeDocumentation ? entry.documentation : null,
  }
}

function everyRow({ resources }: DescribeConfigsRequest, errorCode: ErrorCode, message: string | null) {
  return { results: resources.map((resource) => failed(resource, errorCode, message)) }
}

function failed({ resourceType, resourceName }: Resource, errorCode: ErrorCode, errorMessage: string | null): Row {
  return { errorCode, errorMessage, resourceType, resourceName, configs: [] }
}
