import { ConsumerProtocolSubscription } from '@odradek/protocol/records'
import { ProtocolError, Reader } from '@odradek/protocol/wire'

/** The protocol type of groups whose metadata the broker can read: consumers, and Kafka Streams' classic client. */
export const consumerProtocolType = 'consumer'

/** Every version begins with the fields of version 0, so that a broker can read subscriptions of versions to come. */
const SUBSCRIPTION_PREFIX_VERSION = 0

/** Topics that a consumer subscribes to, from its JoinGroup metadata; null when the bytes are no subscription. */
export function subscribedTopicsOf(metadata: Uint8Array): readonly string[] | null {
  const reader = new Reader(metadata)
  try {
    reader.int16()
    return ConsumerProtocolSubscription.read(reader, SUBSCRIPTION_PREFIX_VERSION).topics
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}
