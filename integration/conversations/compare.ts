import { type Difference, differences } from '../differential/transcript.ts'
import type { Turn } from './conversation.ts'

/** A difference between the two brokers that is meant. */
interface Meant {
  readonly api: string
  readonly path: RegExp
  readonly reason: string
}

interface TurnDifference extends Difference {
  readonly turn: string
}

const MEANT: readonly Meant[] = [
  {
    api: 'GetTelemetrySubscriptions',
    path: /^\d+$/,
    reason: 'Kafka lists it where a plugin takes the metrics; here they are taken without one',
  },
  {
    api: 'PushTelemetry',
    path: /^\d+$/,
    reason: 'it follows GetTelemetrySubscriptions',
  },
  {
    api: 'ConsumerGroupDescribe',
    path: /^\d+$/,
    reason: 'groups of the newer protocol are not built yet: tools go on to the classic one by themselves',
  },
  {
    api: 'CreateTopics',
    path: /\.configSource$/,
    reason: 'with eligible leader replicas Kafka makes min.insync.replicas a dynamic default',
  },
  {
    api: 'DescribeConfigs',
    path: /\.configSource$/,
    reason: 'with eligible leader replicas Kafka makes min.insync.replicas a dynamic default',
  },
]

/** The turns of each API and version are compared one by one, in their order. */
export function unexplainedIn(expected: readonly Turn[], got: readonly Turn[]): readonly TurnDifference[] {
  const names = new Set([...expected, ...got].map(nameOf))
  return [...names].flatMap((turn) => {
    const own = (turns: readonly Turn[]) => turns.filter((each) => nameOf(each) === turn)
    return differences(own(expected), own(got))
      .map((difference) => ({ turn, ...difference }))
      .filter((difference) => meaningOf(difference) === undefined)
  })
}

const nameOf = ({ api, version }: Turn): string => `${api} ${version}`

function meaningOf({ turn, path }: TurnDifference): Meant | undefined {
  return MEANT.find((each) => turn.startsWith(`${each.api} `) && each.path.test(path))
}
