import { ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode, GetTelemetrySubscriptions, type ResponseOf } from '@odradek/protocol'
import { handler } from '../handler.ts'
import { ACCEPTED_COMPRESSION, TELEMETRY_BYTES_MAX } from '../telemetry/client-instance.ts'
import { telemetryClientOf } from '../telemetry/telemetry-client.ts'

type Response = ResponseOf<typeof GetTelemetrySubscriptions>

/** GetTelemetrySubscriptions 0 (KIP-714). Always served: Kafka lists it only where a reporter for such metrics is configured. */
export const getTelemetrySubscriptions = handler(
  GetTelemetrySubscriptions,
  [0, 0],
  async ({ clientInstanceId }, context): Promise<Response> => {
    const { services, node } = context
    const nowMs = services.clock.monotonicMs()
    const answer = await services.telemetry(node).subscriptionFor(clientInstanceId, telemetryClientOf(context), nowMs)
    if (!answer.ok) return failed(answer.errorCode)
    return {
      errorCode: ErrorCode.NONE,
      clientInstanceId: answer.clientInstanceId,
      subscriptionId: answer.subscriptionId,
      acceptedCompressionTypes: [...ACCEPTED_COMPRESSION],
      pushIntervalMs: answer.pushIntervalMs,
      telemetryMaxBytes: TELEMETRY_BYTES_MAX,
      deltaTemporality: true,
      requestedMetrics: [...answer.metrics],
    }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

function failed(errorCode: ErrorCode): Response {
  return {
    errorCode,
    clientInstanceId: ZERO_TOPIC_ID,
    subscriptionId: 0,
    acceptedCompressionTypes: [],
    pushIntervalMs: 0,
    telemetryMaxBytes: 0,
    deltaTemporality: false,
    requestedMetrics: [],
  }
}
