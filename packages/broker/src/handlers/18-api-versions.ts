import { ApiVersions, type ApiVersionsRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { handler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'
import { SUPPORTED_FEATURES } from '../supported-features.ts'

type Response = ResponseOf<typeof ApiVersions>

/** Kafka's rule for names and versions of client software (KIP-511). */
const SOFTWARE_TEXT = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/** Clients of versions below cannot take a feature whose lowest level is 0, so Kafka leaves it out (KAFKA-17492). */
const FEATURE_LEVEL_ZERO_VERSION_MIN = 4

const NO_NODE_ID = -1

/**
 * ApiVersions 0-5. From 3 on with the client's software; from 5 on a client may name the cluster and node that it means
 * to talk to. A version outside the range is answered in version 0, so that the client can choose again.
 */
export const apiVersions = handler(
  ApiVersions,
  [0, 5],
  (request, context): Response => {
    const errorCode = verdictOn(request, context)
    if (errorCode !== ErrorCode.NONE) return { errorCode, apiKeys: [] }
    context.connection.sasl?.versionsAnswered()
    context.connection.clientSoftwareName = request.clientSoftwareName
    context.connection.clientSoftwareVersion = request.clientSoftwareVersion
    return { errorCode, apiKeys: context.services.served, ...featuresOf(context) }
  },
  { onUnsupportedVersion, onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, apiKeys: [] }) },
)

function verdictOn(request: ApiVersionsRequest, { version, node, services }: RequestContext): ErrorCode {
  if (version < 3) return ErrorCode.NONE
  const { clientSoftwareName, clientSoftwareVersion, clusterId, nodeId } = request
  if (!SOFTWARE_TEXT.test(clientSoftwareName) || !SOFTWARE_TEXT.test(clientSoftwareVersion)) {
    return ErrorCode.INVALID_REQUEST
  }
  if (clusterId === null && nodeId === NO_NODE_ID) return ErrorCode.NONE
  if (clusterId === null || nodeId === NO_NODE_ID) return ErrorCode.INVALID_REQUEST
  return clusterId === services.cluster.clusterId && nodeId === node ? ErrorCode.NONE : ErrorCode.REBOOTSTRAP_REQUIRED
}

function featuresOf({ version, services }: RequestContext): Partial<Response> {
  if (version < 3) return {}
  const { epoch, levels } = services.cluster.features()
  return {
    supportedFeatures: SUPPORTED_FEATURES.filter(({ min }) => min > 0 || version >= FEATURE_LEVEL_ZERO_VERSION_MIN).map(
      ({ name, min, max }) => ({ name, minVersion: min, maxVersion: max }),
    ),
    finalizedFeaturesEpoch: epoch,
    finalizedFeatures: [...levels].map(([name, level]) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
  }
}

/** Only this API's own range stands in the answer: all that the client needs to ask again. */
function onUnsupportedVersion({ services }: RequestContext): Response {
  const apiKeys = services.served.filter(({ apiKey }) => apiKey === ApiVersions.key)
  return { errorCode: ErrorCode.UNSUPPORTED_VERSION, apiKeys }
}
