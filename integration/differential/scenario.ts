import type { AnyApi } from '@odradek/protocol'
import type { World } from './world.ts'

/** Where the expected answers come from: the newest Kafka, or the last one that spoke the oldest versions. */
export type Reference = 'kafka-4.4' | 'kafka-3.9'

/** The broker that is asked: `logins` has a listener more, on which users log in, and makes delegation tokens. */
export type Bench = 'plain' | 'logins'

/** Some raw requests, of which every answer counts. It may count on nothing but what it has made itself. */
export interface Scenario {
  readonly name: string
  /** The API that it is about. */
  readonly api: string
  readonly reference: Reference
  readonly bench: Bench
  readonly play: (world: World) => Promise<void>
}

/**
 * The same for each version of `api` from `first` on to its last: those that Kafka 4.4 has dropped are compared with 3.9.
 * `kept` is the first that it has not dropped.
 */
export function eachVersion(
  api: AnyApi,
  { first = api.versions.min, kept = first, last = api.versions.max, bench = 'plain' }: VersionChoice,
  name: string,
  play: (world: World, version: number) => Promise<void>,
): readonly Scenario[] {
  const count = last - first + 1
  return Array.from({ length: count }, (_, index) => {
    const version = first + index
    const reference = version < kept ? 'kafka-3.9' : 'kafka-4.4'
    return {
      name: `${api.name} ${version}: ${name}`,
      api: api.name,
      reference,
      bench,
      play: (world) => play(world, version),
    }
  })
}

export interface VersionChoice {
  readonly first?: number
  readonly kept?: number
  readonly last?: number
  readonly bench?: Bench
}
