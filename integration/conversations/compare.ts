import { type Difference, differences } from '../differential/transcript.ts'
import type { Turn } from './conversation.ts'

/** A difference between the two brokers that is meant. */
export interface Meant {
  readonly api: string
  readonly path: RegExp
  readonly reason: string
}

interface TurnDifference extends Difference {
  readonly turn: string
}

export const MEANT: readonly Meant[] = [
  {
    api: 'GetTelemetrySubscriptions',
    path: /^\d+$/,
    reason: 'Kafka lists it where a plugin takes the metrics; here they are taken without one',
  },
  {
    api: 'ConsumerGroupDescribe',
    path: /^\d+$/,
    reason: 'groups of the newer protocol are not built yet: tools go on to the classic one by themselves',
  },
]

/** The turns of each API and version are compared one by one, in their order; `used` gets what explains a difference. */
export function unexplainedIn(
  expected: readonly Turn[],
  got: readonly Turn[],
  used: Set<Meant> = new Set(),
): readonly TurnDifference[] {
  const names = new Set([...expected, ...got].map(nameOf))
  return [...names].flatMap((turn) => {
    const own = (turns: readonly Turn[]) => turns.filter((each) => nameOf(each) === turn)
    return differences(own(expected), own(got))
      .map((difference) => ({ turn, ...difference }))
      .filter((difference) => {
        const meant = meaningOf(difference)
        if (meant !== undefined) used.add(meant)
        return meant === undefined
      })
  })
}

const nameOf = ({ api, version }: Turn): string => `${api} ${version}`

function meaningOf({ turn, path }: TurnDifference): Meant | undefined {
  return MEANT.find((each) => turn.startsWith(`${each.api} `) && each.path.test(path))
}
