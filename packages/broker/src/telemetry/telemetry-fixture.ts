import { ManualClock, nodeId, SeededPrng, silentLogger } from '@odradek/core'
import {
  GetTelemetrySubscriptions,
  type GetTelemetrySubscriptionsResponse,
  PushTelemetry,
  type PushTelemetryRequestInput,
} from '@odradek/protocol'
import { getTelemetrySubscriptions } from '../handlers/71-get-telemetry-subscriptions.ts'
import { pushTelemetry } from '../handlers/72-push-telemetry.ts'
import { harness } from '../harness.ts'
import { ClientTelemetry } from './client-telemetry.ts'
import { PushedSeries } from './pushed-series.ts'
import { SubscriptionTable } from './subscription-table.ts'

export const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'

/** One node's receiver of client metrics behind the real handlers, with subscriptions that a test writes. */
export class TelemetryFixture {
  readonly clock = new ManualClock()
  readonly series: PushedSeries
  readonly configured = new Map<string, Readonly<Record<string, string>>>()
  readonly subscriptions: SubscriptionTable
  readonly telemetry: ClientTelemetry
  private readonly client: ReturnType<typeof harness>

  constructor(seriesMax = 1000) {
    this.series = new PushedSeries(() => seriesMax)
    const configs = {
      names: () => [...this.configured.keys()],
      entriesOf: (name: string) =>
        Object.entries(this.configured.get(name) ?? {}).map(([key, value]) => ({ name: key, value })),
    }
    this.subscriptions = new SubscriptionTable(configs, silentLogger)
    this.telemetry = new ClientTelemetry({
      subscriptions: this.subscriptions,
      series: this.series,
      prng: new SeededPrng(1),
    })
    const services = { clock: this.clock, telemetry: () => this.telemetry }
    this.client = harness([getTelemetrySubscriptions, pushTelemetry], services, { node: nodeId(1) })
    this.client.connection.clientSoftwareName = 'apache-kafka-java'
    this.client.connection.clientSoftwareVersion = '4.4.0'
  }

  subscribe(name: string, values: Readonly<Record<string, string>>): void {
    this.configured.set(name, { 'interval.ms': '300000', match: '', metrics: '', ...values })
    this.subscriptions.metadataChanged()
  }

  unsubscribe(name: string): void {
    this.configured.delete(name)
    this.subscriptions.metadataChanged()
  }

  async get(clientInstanceId = NO_ID): Promise<GetTelemetrySubscriptionsResponse> {
    const answer = await this.settle(this.client.send(GetTelemetrySubscriptions, 0, { clientInstanceId }))
    if (answer === null) throw new Error('no answer')
    return answer
  }

  /** The error code of a push under the subscription. */
  async push(
    {
      clientInstanceId,
      subscriptionId,
    }: Pick<GetTelemetrySubscriptionsResponse, 'clientInstanceId' | 'subscriptionId'>,
    rest: Partial<PushTelemetryRequestInput> = {},
  ): Promise<number | undefined> {
    const push = { terminating: false, compressionType: 0, metrics: new Uint8Array(0), ...rest }
    const request = { clientInstanceId, subscriptionId, ...push }
    return (await this.settle(this.client.send(PushTelemetry, 0, request)))?.errorCode
  }

  /** Large requests wait for their turn: time stands still meanwhile. */
  private async settle<T>(value: Promise<T>): Promise<T> {
    let settled = false
    const outcome = value.finally(() => {
      settled = true
    })
    while (!settled) {
      this.clock.advance(0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return outcome
  }

  /** What is kept of one name, by client and the labels asked for. */
  values(name: string, ...labels: string[]): Record<string, number> {
    return Object.fromEntries(
      Array.from(this.series.valuesOf(name), (one) => [labels.map((label) => one.labels[label]).join('/'), one.value]),
    )
  }
}
