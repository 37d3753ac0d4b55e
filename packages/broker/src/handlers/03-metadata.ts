import { type Later, topicId, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode, Metadata, type MetadataRequest, type ResponseOf } from '@odradek/protocol'
import { authorizedOperations, clusterOperations, OPERATIONS_NOT_REQUESTED } from '../authorized-operations.ts'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { INTERNAL_TOPICS, type TopicView } from '../cluster-view.ts'
import { handler } from '../handler.ts'
import { mapInTurns, ROWS_PER_TURN } from '../in-turns.ts'
import { type PartitionMetadata, partitionMetadata } from '../metadata/partition-metadata.ts'
import { controllerOf, reachableNodes } from '../metadata/reachable-nodes.ts'
import { topicNameProblem } from '../metadata/topic-name.ts'
import type { RequestContext } from '../request-context.ts'

type Response = ResponseOf<typeof Metadata>
type Topic = Response['topics'][number]

/**
 * Metadata 0-13. 0: no list means all topics; from 1 on null does. Up to 3 missing topics are always made, from 4 on if
 * asked for. 8-10: what the principal may do in the cluster. From 10 on with topic ids, from 12 on also by them.
 * Differs from Kafka on purpose: a topic that is made by this request can be used at once, so it is answered with its
 * leader, not with UNKNOWN_TOPIC_OR_PARTITION.
 */
export const metadata = handler(
  Metadata,
  [0, 13],
  (request, context) => {
    const badRequest = requestError(request, context.version)
    if (badRequest !== ErrorCode.NONE) return errorResponse(request, badRequest)
    const topics = topicsOf(request, context)
    if (topics instanceof Promise) return topics.then((rows) => response(request, rows, context))
    return response(request, topics, context)
  },
  {
    // Most are small, and most have to be there at once.
    isAnsweredInTurns: (request, context) => namesAll(request, context.version),
    onBug: (request) => errorResponse(request, ErrorCode.UNKNOWN_SERVER_ERROR),
  },
)

function namesAll({ topics }: MetadataRequest, version: number): boolean {
  return topics === null || (version === 0 && topics.length === 0)
}

/** Versions 10 and 11 have the fields for topic ids, but no meaning for them (KAFKA-12701). */
function requestError({ topics }: MetadataRequest, version: number): ErrorCode {
  if (topics === null) return ErrorCode.NONE
  if (version < 12) {
    const isBad = topics.some(({ name, topicId: id }) => name === null || id !== ZERO_TOPIC_ID)
    return isBad ? ErrorCode.INVALID_REQUEST : ErrorCode.NONE
  }
  const isEmpty = topics.some(({ name, topicId: id }) => name === null && id === ZERO_TOPIC_ID)
  return isEmpty ? ErrorCode.UNKNOWN_SERVER_ERROR : ErrorCode.NONE
}

function errorResponse({ topics }: MetadataRequest, errorCode: ErrorCode): Response {
  return {
    brokers: [],
    clusterId: null,
    controllerId: -1,
    topics: (topics ?? []).map(({ name, topicId: id }) => ({
      ...failedTopic(name ?? '', errorCode),
      topicId: id,
      isInternal: false,
    })),
    clusterAuthorizedOperations: OPERATIONS_NOT_REQUESTED,
    errorCode,
  }
}

function response(request: MetadataRequest, topics: readonly Topic[], context: RequestContext): Response {
  const { cluster } = context.services
  const nodes = reachableNodes(cluster, context.connection.listener)
  return {
    brokers: nodes.map(({ id, host, port, rack }) => ({ nodeId: id, host, port, rack })),
    clusterId: cluster.clusterId,
    controllerId: controllerOf(nodes),
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? clusterOperations(context)
      : OPERATIONS_NOT_REQUESTED,
    errorCode: ErrorCode.NONE,
  }
}

function topicsOf(request: MetadataRequest, context: RequestContext): Later<Topic[]> {
  const { cluster } = context.services
  const { topics } = request
  if (topics === null || namesAll(request, context.version)) {
    return flatRowsOf(
      Array.from(cluster.topics()),
      (topic) => (context.authorize('DESCRIBE', 'TOPIC', topic.name) ? [foundTopic(topic, request, context)] : []),
      context,
    )
  }
  // As soon as one id is there, names do not count.
  const ids = topics.filter(({ topicId: id }) => id !== ZERO_TOPIC_ID).map(({ topicId: id }) => id)
  if (ids.length > 0) return rowsOf([...new Set(ids)], (id) => topicById(id, request, context), context)
  return topicsByName(new Set(topics.flatMap(({ name }) => name ?? [])), request, context)
}

/** At once, but for so many that others would have to wait. */
function rowsOf<Key>(keys: readonly Key[], row: (key: Key) => Topic, { services }: RequestContext): Later<Topic[]> {
  return keys.length <= ROWS_PER_TURN ? keys.map(row) : mapInTurns(services.clock, keys, row)
}

function topicById(id: string, request: MetadataRequest, context: RequestContext): Topic {
  const topic = context.services.cluster.topicById(topicId(id))
  if (topic === undefined) return { ...failedTopic(null, ErrorCode.UNKNOWN_TOPIC_ID), topicId: id }
  if (context.authorize('DESCRIBE', 'TOPIC', topic.name)) return foundTopic(topic, request, context)
  return { ...failedTopic(null, ErrorCode.TOPIC_AUTHORIZATION_FAILED), topicId: id, isInternal: false }
}

function topicsByName(names: ReadonlySet<string>, request: MetadataRequest, context: RequestContext): Later<Topic[]> {
  const { controller, settings } = context.services
  const mayCreate = settings.autoCreateTopicsEnable && request.allowAutoTopicCreation
  const rows = (codes: ReadonlyMap<string, ErrorCode>) =>
    rowsOf([...names], (name) => topicByName(name, mayCreate, codes, request, context), context)
  const rowsWith = (toCreate: readonly string[]): Later<Topic[]> => {
    if (toCreate.length === 0) return rows(new Map())
    return controller
      .autoCreateTopics(toCreate, context.autoCreationQuota())
      .then((results) => rows(new Map(results.map(({ error }, index) => [toCreate[index] ?? '', ErrorCode[error]]))))
  }
  const toCreate = mayCreate ? namesToCreate([...names], context) : []
  return toCreate instanceof Promise ? toCreate.then(rowsWith) : rowsWith(toCreate)
}

/** As `rowsOf`, where a key may come to nothing. */
function flatRowsOf<Key, Row>(
  keys: readonly Key[],
  rows: (key: Key) => readonly Row[],
  { services }: RequestContext,
): Later<Row[]> {
  if (keys.length <= ROWS_PER_TURN) return keys.flatMap(rows)
  return mapInTurns(services.clock, keys, rows).then((found) => found.flat())
}

/** With an authorizer each name is looked up more than once. */
function namesToCreate(names: readonly string[], context: RequestContext): Later<readonly string[]> {
  return flatRowsOf(names, (name) => (isToBeCreated(name, context) ? [name] : []), context)
}

function isToBeCreated(name: string, context: RequestContext): boolean {
  if (context.services.cluster.topic(name) !== undefined || topicNameProblem(name) !== null) return false
  return context.authorize('DESCRIBE', 'TOPIC', name) && mayCreateTopic(name, context)
}

function mayCreateTopic(name: string, context: RequestContext): boolean {
  return context.authorize('CREATE', 'CLUSTER', CLUSTER_RESOURCE) || context.authorize('CREATE', 'TOPIC', name)
}

function topicByName(
  name: string,
  mayCreate: boolean,
  creations: ReadonlyMap<string, ErrorCode>,
  request: MetadataRequest,
  context: RequestContext,
): Topic {
  // Whether there is such a topic is nobody's business who may not describe it.
  if (!context.authorize('DESCRIBE', 'TOPIC', name)) {
    return { ...failedTopic(name, ErrorCode.TOPIC_AUTHORIZATION_FAILED), isInternal: false }
  }
  const topic = context.services.cluster.topic(name)
  if (topic !== undefined) return foundTopic(topic, request, context)
  const operations = topicOperations(name, request, context)
  const errorCode = missingError(name, mayCreate, creations, context)
  return { ...failedTopic(name, errorCode), topicAuthorizedOperations: operations }
}

function missingError(
  name: string,
  mayCreate: boolean,
  creations: ReadonlyMap<string, ErrorCode>,
  context: RequestContext,
): ErrorCode {
  if (mayCreate && !mayCreateTopic(name, context)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
  if (!creations.has(name) && topicNameProblem(name) !== null) return ErrorCode.INVALID_TOPIC_EXCEPTION
  // Only "too many at once" is said; for the rest Kafka's clients expect to see a topic that is not there.
  if (creations.get(name) === ErrorCode.POLICY_VIOLATION) return ErrorCode.POLICY_VIOLATION
  return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

function failedTopic(name: string | null, errorCode: ErrorCode): Topic {
  return {
    errorCode,
    name,
    topicId: ZERO_TOPIC_ID,
    isInternal: name !== null && INTERNAL_TOPICS.has(name),
    partitions: [],
    topicAuthorizedOperations: OPERATIONS_NOT_REQUESTED,
  }
}

function foundTopic(topic: TopicView, request: MetadataRequest, context: RequestContext): Topic {
  const { listener } = context.connection
  const listenerError = context.version >= 6 ? ErrorCode.LISTENER_NOT_FOUND : ErrorCode.LEADER_NOT_AVAILABLE
  const partitions = topic.partitions.map((partition) =>
    partitionMetadata(topic, partition, context.services, listener, listenerError),
  )
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions: context.version === 0 ? partitions.map(withoutOffline) : partitions,
    topicAuthorizedOperations: topicOperations(topic.name, request, context),
  }
}

function topicOperations(name: string, request: MetadataRequest, context: RequestContext): number {
  return request.includeTopicAuthorizedOperations
    ? authorizedOperations(context, 'TOPIC', name)
    : OPERATIONS_NOT_REQUESTED
}

/** The first version tells of a replica that is not there by leaving it out and by an error. */
function withoutOffline(partition: PartitionMetadata): PartitionMetadata {
  const isUp = (id: PartitionMetadata['leaderId']) => !partition.offlineReplicas.includes(id)
  const isMissing = partition.offlineReplicas.length > 0 && partition.errorCode === ErrorCode.NONE
  return {
    ...partition,
    errorCode: isMissing ? ErrorCode.REPLICA_NOT_AVAILABLE : partition.errorCode,
    replicaNodes: partition.replicaNodes.filter(isUp),
    isrNodes: partition.isrNodes.filter(isUp),
  }
}
