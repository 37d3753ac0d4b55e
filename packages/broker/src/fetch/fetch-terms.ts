import type { NodeId } from '@odradek/core'
import type { ReadBound } from '@odradek/log'
import type { FetchRequest } from '@odradek/protocol'
import type { RequestContext } from '../request-context.ts'
import { nodesNear } from './near-replica.ts'

/** Consumers may read from followers from this version on (KIP-392). */
const FOLLOWER_FETCH_VERSION_MIN = 11

const READ_UNCOMMITTED = 0
export const READ_COMMITTED = 1

/** What holds for all partitions of one fetch. */
export interface FetchTerms {
  readonly node: NodeId
  readonly version: number
  /** Null for consumers. */
  readonly replicaId: number | null
  readonly leaderOnly: boolean
  /** In the consumer's rack. */
  readonly nearNodes: ReadonlySet<NodeId>
  readonly bound: ReadBound
  readonly bytesMax: number
  readonly bytesMin: number
  readonly waitMaxMs: number
}

export function isIsolationLevel(level: number): boolean {
  return level === READ_UNCOMMITTED || level === READ_COMMITTED
}

export function fetchTerms(request: FetchRequest, context: RequestContext): FetchTerms {
  const { version } = context
  const asked = version >= 15 ? request.replicaState.replicaId : request.replicaId
  const replicaId = asked >= 0 ? asked : null
  // More than a quota has room for would be refused each time anew, and the consumer never get on.
  const quotaBytes = replicaId === null ? context.fetchBytesMax() : Number.POSITIVE_INFINITY
  const bytesMax = Math.min(request.maxBytes, context.services.settings.fetchMaxBytes, quotaBytes)
  return {
    node: context.node,
    version,
    replicaId,
    nearNodes: nodesNear(replicaId === null && version >= FOLLOWER_FETCH_VERSION_MIN ? request.rackId : '', context),
    leaderOnly: replicaId !== null || version < FOLLOWER_FETCH_VERSION_MIN,
    bound: readBound(replicaId, request.isolationLevel),
    bytesMax,
    bytesMin: Math.min(request.minBytes, bytesMax),
    waitMaxMs: request.maxWaitMs,
  }
}

function readBound(replicaId: number | null, isolationLevel: number): ReadBound {
  if (replicaId !== null) return 'end'
  return isolationLevel === READ_COMMITTED ? 'lastStable' : 'highWatermark'
}
