import { ALL_STEPS, STEPS, type Step } from './steps.ts'

/** One piece of software in one version. A folder's program may serve several. */
export interface Program {
  readonly name: string
  readonly folder: string
  readonly version: string
  readonly client: string
  /** Part of what every change must pass. */
  readonly isInCi: boolean
  /** 4.4 has dropped what the oldest clients speak. */
  readonly kafka: 'kafka-4.4' | 'kafka-3.9'
  /** What it has to print, by step. */
  readonly expected: ReadonlyMap<string, string>
  /** Steps that are not compared with Kafka, which does not let it do them, and why. */
  readonly onlyHere: ReadonlyMap<string, string>
}

/** A client that is put through the common list. */
export interface ClientProgram extends Program {
  /** Why there is no line for a step. */
  readonly cannot: ReadonlyMap<Step, string>
}

type Cannot = readonly [reason: string, ...steps: readonly Step[]]

interface Options {
  readonly isInCi?: boolean
  readonly kafka?: 'kafka-3.9'
  /** Steps that a real Kafka does not let it do, and why. */
  readonly onlyHere?: Cannot
  /** What it has to print besides the common list. */
  readonly own?: Readonly<Record<string, string>>
}

/** What the runner itself looks at after a client's run: the codecs of the batches that are stored. */
export const STORED_CODECS = 'stored codecs'
export const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const

/** Those that a client compresses with; null of what is no client. */
export function codecsOf({ expected }: Program): readonly (typeof CODECS)[number][] | null {
  return expected.has(STORED_CODECS) ? CODECS.filter((codec) => expected.has(codec)) : null
}

const reasonsOf = (cannot: readonly Cannot[]): ReadonlyMap<Step, string> =>
  new Map(cannot.flatMap(([reason, ...steps]) => steps.map((step) => [step, reason] as const)))

function program(client: string, id: string, cannot: readonly Cannot[] = [], options: Options = {}): ClientProgram {
  const [folder = '', version = ''] = id.split('@')
  const reasons = reasonsOf(cannot)
  const expected = ALL_STEPS.filter((step) => !reasons.has(step)).map((step) => [step, STEPS[step]] as const)
  const codecs = CODECS.filter((codec) => !reasons.has(codec)).join(' ')
  return {
    name: version === '' ? folder : `${folder}-${version}`,
    folder,
    version,
    client,
    isInCi: options.isInCi ?? false,
    kafka: options.kafka ?? 'kafka-4.4',
    cannot: reasons,
    onlyHere: reasonsOf(options.onlyHere === undefined ? [] : [options.onlyHere]),
    expected: new Map<string, string>([...expected, ...Object.entries(options.own ?? {}), [STORED_CODECS, codecs]]),
  }
}

const startingWith = (word: string): readonly Step[] => ALL_STEPS.filter((step) => step.startsWith(word))
const TRANSACTIONS: readonly Step[] = [...startingWith('transaction'), 'read uncommitted']
const ADMIN = startingWith('admin')
const ADMIN_ERRORS: readonly Step[] = ['error topic exists', 'error unknown topic', 'error unknown group']

const CI = { isInCi: true }

export const PROGRAMS: readonly ClientProgram[] = [
  program('Java kafka-clients', 'java@4.4.0', [], CI),
  program('Java kafka-clients', 'java@3.9.2'),
  program('Java kafka-clients', 'java@2.8.2'),
  program('Java kafka-clients', 'java@1.1.1', [
    ['came with 2.x', 'zstd', 'static member', 'admin group', 'admin delete group', 'error unknown group'],
    ['it meets its own time limit', 'error invalid topic'],
  ]),
  program(
    'Java kafka-clients',
    'java@0.11.0.3',
    [
      ['came with 2.x', 'zstd', 'static member', 'admin group', 'admin delete group', 'error unknown group'],
      ['came with 1.x', 'admin partitions', 'admin delete records'],
      ['it meets its own time limit', 'error invalid topic'],
    ],
    { kafka: 'kafka-3.9' },
  ),
  program(
    'Java kafka-clients',
    'java@0.10.2.2',
    [
      ['came with 0.11', 'create topic', 'headers', ...TRANSACTIONS, ...ADMIN, ...ADMIN_ERRORS],
      ['came with 2.x', 'zstd', 'static member'],
      ['it meets its own time limit', 'error invalid topic'],
    ],
    {
      ...CI,
      kafka: 'kafka-3.9',
      onlyHere: ['Kafka answers with bytes that it cannot read where no records are left', 'compacted'],
    },
  ),
  program('kafkajs', 'kafkajs@2.2.4', [
    ['it has no static members', 'static member'],
    ['it starts over by itself', 'error out of range'],
  ]),
  program(
    'kcat (librdkafka)',
    'kcat@1.7.1',
    [
      [
        'it has no such call',
        'create topic',
        'transaction offsets',
        ...ADMIN,
        'error topic exists',
        'error unknown group',
      ],
    ],
    CI,
  ),
  program('kafka-go', 'kafka-go@0.4.51', [
    ['it has no static members', 'static member'],
    ['its writer knows no transactions', 'transaction committed', 'transaction aborted', 'read uncommitted'],
    ['it has no such call', 'admin delete records'],
  ]),
  program('franz-go', 'franz-go@1.22.2', [], CI),
  program('sarama', 'sarama@1.61.1', [], { ...CI, own: { 'each version': 'from 2.1 on' } }),
  program('aiokafka', 'aiokafka@0.14.0', [['it has no such call', 'admin delete group', 'error unknown group']], CI),
  program('kafka-python', 'kafka-python@3.0.12'),
  program('kafka-python', 'kafka-python@2.0.2', [
    ['came with 2.1 or later', 'static member', ...TRANSACTIONS, 'admin delete records'],
  ]),
  program('@platformatic/kafka', 'platformatic-kafka@2.12.1', [
    ['it may read again what it is about to commit when the group changes', 'two after one left'],
    ['it leaves when it closes, with an instance id too', 'static member'],
    ['a second producer of an id names a producer id of its own making, and is itself refused', 'transaction fenced'],
  ]),
  program('rdkafka (Rust)', 'rdkafka@0.39.0'),
  program('rskafka', 'rskafka@0.6.0', [
    [
      'it knows no groups',
      'resume',
      'group of three',
      'two after one left',
      'static member',
      'admin group',
      'admin delete group',
      'error unknown group',
    ],
    ['it has no such call', ...TRANSACTIONS, 'admin partitions', 'admin config'],
    ['it cannot read the marker of a transaction, which the end of the topic is', 'compacted'],
  ]),
  program('confluent-kafka-go', 'confluent-kafka-go@2.11.1'),
  program('node-rdkafka (librdkafka)', 'node-rdkafka@3.6.1', [
    [
      'it has no such call',
      'admin config',
      'admin group',
      'admin delete records',
      'admin delete group',
      'error unknown group',
    ],
  ]),
  program(
    '@confluentinc/kafka-javascript (librdkafka)',
    'kafka-javascript@1.10.1',
    [['it has no such call', 'admin config']],
    { own: { promises: '20 read, then 5', 'promises transaction': '5 committed, 0 aborted' } },
  ),
  program('confluent-kafka (Python)', 'confluent-kafka@2.16.1', [], CI),
]
