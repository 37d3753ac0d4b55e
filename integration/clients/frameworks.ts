import type { Program } from './programs.ts'

/** Software that works on top of a client, and does what it is for instead of the common list. */
export interface FrameworkProgram extends Program {
  readonly does: string
}

function framework(
  client: string,
  id: string,
  does: string,
  expected: Readonly<Record<string, string>>,
): FrameworkProgram {
  const [folder = '', version = ''] = id.split('@')
  return {
    name: `${folder}-${version}`,
    folder,
    version,
    client,
    does,
    isInCi: false,
    kafka: 'kafka-4.4',
    expected: new Map(Object.entries(expected)),
  }
}

export const FRAMEWORKS: readonly FrameworkProgram[] = [
  framework('Kafka Streams', 'streams@4.4.0', 'word count, joins, windows, exactly once over a restart', {
    'word count': '{one=1, three=3, two=2}',
    'stream joined with table': '{g=Gregor on monday, j=Josef on friday}',
    'stream joined with stream': '{a=1+2}',
    windows: '{0=3, 10=1}',
    'exactly once': '20 sums, the last 210',
  }),
]
