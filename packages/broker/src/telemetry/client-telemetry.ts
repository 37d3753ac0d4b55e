import { type Prng, randomUuid, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { crc32c, RecordsError, unpack } from '@odradek/records'
import { METADATA_TOPIC_ID } from '../metadata/metadata-log.ts'
import { type ClientInstance, type Push, TELEMETRY_BYTES_MAX } from './client-instance.ts'
import { ClientInstances } from './client-instances.ts'
import { readPushedPoints, TelemetryError } from './otlp-metrics.ts'
import type { PushedSeries } from './pushed-series.ts'
import { type ClientAttributes, type WantedMetrics, wantedOf } from './subscription.ts'
import type { SubscriptionTable } from './subscription-table.ts'

/** What a push may unpack to. */
export const UNPACKED_BYTES_MAX = 4 * TELEMETRY_BYTES_MAX

/** Ids that stand for something else in Kafka. */
const RESERVED_IDS: ReadonlySet<string> = new Set([ZERO_TOPIC_ID, METADATA_TOPIC_ID])

/** Who asks, but for the instance id that the request has. */
export interface TelemetryClient {
  readonly connectionId: number
  readonly attributes: Omit<ClientAttributes, 'client_instance_id'>
}

export type SubscriptionAnswer =
  | { readonly ok: false; readonly errorCode: ErrorCode }
  | ({ readonly ok: true; readonly clientInstanceId: string; readonly subscriptionId: number } & WantedMetrics)

export interface ClientTelemetryOptions {
  readonly subscriptions: SubscriptionTable
  readonly series: PushedSeries
  readonly prng: Prng
}

/** What one node knows of the clients that it asks for their metrics (KIP-714). What they push is kept for all nodes together. */
export class ClientTelemetry {
  private readonly options: ClientTelemetryOptions
  private readonly instances = new ClientInstances()

  constructor(options: ClientTelemetryOptions) {
    this.options = options
  }

  /** A client without an id gets one; one that it has chosen itself is taken as it is. */
  async subscriptionFor(askedId: string, client: TelemetryClient, nowMs: number): Promise<SubscriptionAnswer> {
    const clientInstanceId = askedId === ZERO_TOPIC_ID ? randomUuid(this.options.prng) : askedId
    const attributes = { ...client.attributes, client_instance_id: clientInstanceId }
    const instance = await this.instance(attributes, client.connectionId, nowMs)
    const errorCode = instance.askSubscription(nowMs)
    if (errorCode !== ErrorCode.NONE) return { ok: false, errorCode }
    return { ok: true, clientInstanceId, subscriptionId: instance.subscriptionId, ...instance.wanted }
  }

  async push(
    clientInstanceId: string,
    push: Omit<Push, 'metricsBytes'>,
    metrics: Uint8Array,
    client: TelemetryClient,
    nowMs: number,
  ): Promise<ErrorCode> {
    if (RESERVED_IDS.has(clientInstanceId)) return ErrorCode.INVALID_REQUEST
    const attributes = { ...client.attributes, client_instance_id: clientInstanceId }
    const instance = await this.instance(attributes, client.connectionId, nowMs)
    const errorCode = instance.checkPush({ ...push, metricsBytes: metrics.length }, nowMs)
    if (errorCode !== ErrorCode.NONE || metrics.length === 0) return errorCode
    try {
      const points = await readPushedPoints(unpack(push.compressionType, metrics, UNPACKED_BYTES_MAX))
      this.options.series.take(attributes, points, nowMs, nowMs + instance.expiryMs)
      return ErrorCode.NONE
    } catch (error) {
      if (!(error instanceof TelemetryError || error instanceof RecordsError)) throw error
      instance.pushFailed()
      return ErrorCode.INVALID_RECORD
    }
  }

  /** What was learned of clients on the connection is forgotten; they can begin anew on another one. */
  connectionClosed(connectionId: number): void {
    this.instances.connectionClosed(connectionId)
  }

  private async instance(client: ClientAttributes, connectionId: number, nowMs: number): Promise<ClientInstance> {
    const wanted = wantedOf(client, await this.options.subscriptions.current())
    const subscriptionId = subscriptionIdOf(client, wanted)
    return this.instances.get({ id: client.client_instance_id, connectionId, wanted, subscriptionId }, nowMs)
  }
}

/** The same as long as the same is wanted of the same client. */
function subscriptionIdOf(
  { client_instance_id }: ClientAttributes,
  { metrics, pushIntervalMs }: WantedMetrics,
): number {
  return crc32c(Buffer.from(JSON.stringify([client_instance_id, pushIntervalMs, ...metrics]))) | 0
}
