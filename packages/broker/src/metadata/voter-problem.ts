import { ErrorCode } from '@odradek/protocol'
import type { ClusterView } from '../cluster-view.ts'

/** No directory. */
const ZERO_DIRECTORY_ID = 'AAAAAAAAAAAAAAAAAAAAAA'

interface VoterRequest {
  readonly clusterId: string | null
  readonly voterId: number
  readonly voterDirectoryId: string
}

/** What is wrong with a request about a voter on its face; null when nothing is. */
export function voterProblem(
  { clusterId, voterId, voterDirectoryId }: VoterRequest,
  cluster: ClusterView,
  verb: 'Add' | 'Remove',
): { readonly errorCode: ErrorCode; readonly errorMessage: string } | null {
  if (clusterId !== null && clusterId !== cluster.clusterId) {
    const errorMessage = `The given id "${clusterId}" doesn't match the cluster id "${cluster.clusterId}"`
    return { errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID, errorMessage }
  }
  if (voterId >= 0 && voterDirectoryId !== ZERO_DIRECTORY_ID) return null
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: `${verb} voter request didn't include a valid voter` }
}
