import { ErrorCode, PushTelemetry } from '@odradek/protocol'
import { handler } from '../handler.ts'
import { telemetryClientOf } from '../telemetry/telemetry-client.ts'

/** PushTelemetry 0 (KIP-714): numbers that a client was asked for, which `/metrics` then shows. */
export const pushTelemetry = handler(
  PushTelemetry,
  [0, 0],
  async ({ clientInstanceId, metrics, ...push }, context) => {
    const { services, node } = context
    const nowMs = services.clock.monotonicMs()
    const client = telemetryClientOf(context)
    return { errorCode: await services.telemetry(node).push(clientInstanceId, push, metrics, client, nowMs) }
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }) },
)
