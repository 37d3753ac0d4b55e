import { CUT_OFF } from './normalize.ts'
import type { Difference } from './transcript.ts'

/** A difference that is meant, or that does no harm. */
export interface Explanation {
  readonly scenarios: RegExp
  readonly path: RegExp
  /** What Kafka answers there, where it is always the same. */
  readonly kafka?: string
  readonly reason: string
}

export const EXPLANATIONS: readonly Explanation[] = [
  {
    scenarios: /^CreateTopics [01]: configs$/,
    path: /^\d+\.answer\.topics\.\d+\.(errorCode|errorMessage)$/,
    reason:
      'message.format.version and segments below 1 MiB are gone in Kafka 4, whose configs are served here in every version',
  },
  {
    scenarios: /^Fetch \d+: (how much|messages of the formats of old)$/,
    path: /^\d+\.answer\.responses\.\d+\.partitions\.\d+\.records\.\d+$/,
    kafka: CUT_OFF,
    reason:
      'Kafka fills an answer with what fits of the next batch, which clients leave out: here a batch comes whole or not',
  },
  {
    scenarios: /^Offset(Commit|Fetch) 0: /,
    path: /^\d+\.answer\.topics\.\d+\.partitions\.\d+\./,
    reason: 'version 0 went to ZooKeeper, which no Kafka has any more; here it goes where the others go',
  },
  {
    scenarios: /^Produce \d+: batches that are not of their codec$/,
    path: /^[01]\.answer\.responses\.0\.partitionResponses\.0\.(errorCode|baseOffset)$/,
    reason:
      'a compressed batch is opened only where that must be; odradek.record.validation=full refuses them as Kafka does',
  },
  {
    scenarios: /^DescribeConfigs 0: /,
    path: /\.isDefault$/,
    reason: 'version 0 alone has the field, and the last Kafka that had it leaves it false for everything',
  },
  {
    scenarios: /^CreateDelegationToken 3: of others$/,
    path: /^[56]\.answer\./,
    reason: 'whose owner is no user gets no token: Kafka makes one, and lets its bearer in as the user of that name',
  },
  {
    scenarios: /^ExpireDelegationToken 0: /,
    path: /^1[5-8]\.answer(\.expiryTimestampMs)?$/,
    reason: 'Kafka 3.9 counts past the end of 64 bits, and ends a token that is to live for ever',
  },
  {
    scenarios: /^SaslAuthenticate 2: in a session$/,
    path: /^6\.answer\.comesTo$/,
    reason: 'a mechanism that there is not gets its answer, as it does at a first login, before the connection ends',
  },
  {
    scenarios: /^SaslAuthenticate 2: of a token that has expired$/,
    path: /^0\.answer$/,
    reason: 'nobody comes in by it; Kafka lets in, and closes the connection at the first request',
  },
]

/** What explains a difference; undefined where nothing does. */
export function explanationOf(scenario: string, { path, expected }: Difference): Explanation | undefined {
  return EXPLANATIONS.find(
    (each) =>
      each.scenarios.test(scenario) && each.path.test(path) && (each.kafka === undefined || each.kafka === expected),
  )
}
