import {
  ErrorCode,
  GetTelemetrySubscriptions,
  type GetTelemetrySubscriptionsResponse,
  PushTelemetry,
} from '@odradek/protocol'
import type { Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'
const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const NO_METRICS = Buffer.alloc(0)
const TELEMETRY_MAX_BYTES = 1_048_576

/** Clients that differ only in who they say they are; nothing is pushed that a broker without a reporter would not take. */
class Client {
  private readonly world: World
  id: string
  private subscriptionId = 0

  constructor(world: World, id: string) {
    this.world = world
    this.id = id
  }

  async subscribe(connection = 'first'): Promise<GetTelemetrySubscriptionsResponse | null> {
    const answer = await this.world.ask(GetTelemetrySubscriptions, 0, { clientInstanceId: this.id }, connection)
    if (answer?.errorCode === ErrorCode.NONE) {
      this.id = answer.clientInstanceId
      this.subscriptionId = answer.subscriptionId
    }
    return answer
  }

  push(
    { subscriptionId = this.subscriptionId, terminating = false, compressionType = 0, metrics = NO_METRICS } = {},
    connection = 'first',
  ) {
    const push = { clientInstanceId: this.id, subscriptionId, terminating, compressionType, metrics }
    return this.world.ask(PushTelemetry, 0, push, connection)
  }
}

function scenario(api: 'GetTelemetrySubscriptions' | 'PushTelemetry', name: string, play: Scenario['play']): Scenario {
  return { name: `${api} 0: ${name}`, api, reference: 'kafka-4.4', bench: 'plain', play }
}

export const telemetry: readonly Scenario[] = [
  scenario('GetTelemetrySubscriptions', 'again before its time', async (world) => {
    const client = new Client(world, NO_ID)
    await client.subscribe()
    await client.subscribe()
    await client.subscribe('another connection')
  }),
  scenario('GetTelemetrySubscriptions', 'again, once a push has had the wrong subscription', async (world) => {
    const client = new Client(world, NO_ID)
    await client.subscribe()
    await client.push({ subscriptionId: 7 })
    await client.subscribe()
    await client.subscribe()
    await client.push({ compressionType: 9 })
    await client.subscribe()
    await client.push()
    await client.subscribe()
  }),
  scenario('GetTelemetrySubscriptions', 'of an id of the client’s own, and of one that is reserved', async (world) => {
    await new Client(world, 'c2NlbmFyaW8tb3duLWlkMQ').subscribe()
    await new Client(world, METADATA_TOPIC_ID).subscribe()
  }),
  scenario('PushTelemetry', 'once, too early, and for the last time', async (world) => {
    const client = new Client(world, NO_ID)
    await client.subscribe()
    await client.push()
    await client.push()
    await client.push({ subscriptionId: 7 })
    await client.push({ terminating: true })
    await client.push({ terminating: true })
    await client.push()
    await client.subscribe()
  }),
  scenario('PushTelemetry', 'of ids that are reserved or that nobody has', async (world) => {
    await new Client(world, NO_ID).push()
    await new Client(world, METADATA_TOPIC_ID).push()
    await new Client(world, 'c2NlbmFyaW8tb3duLWlkMg').push()
    await new Client(world, 'c2NlbmFyaW8tb3duLWlkMg').push({ terminating: true })
    await new Client(world, 'c2NlbmFyaW8tb3duLWlkMg').push()
  }),
  scenario('PushTelemetry', 'of too many bytes, and which fault counts of several', async (world) => {
    const metrics = Buffer.alloc(TELEMETRY_MAX_BYTES + 1)
    for (const push of [
      { metrics },
      { metrics, compressionType: 9 },
      { metrics, compressionType: 9, subscriptionId: 7 },
      { compressionType: -1 },
    ]) {
      const client = new Client(world, NO_ID)
      await client.subscribe()
      await client.push(push)
    }
  }),
  scenario('PushTelemetry', 'on another connection than the subscription', async (world) => {
    const client = new Client(world, NO_ID)
    await client.subscribe('one')
    await client.push({}, 'another')
  }),
]
