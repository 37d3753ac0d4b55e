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
    onlyHere: new Map(),
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
  framework(
    'Kafka Connect',
    'connect@4.3.1',
    'a file over a topic into a file, standalone, and distributed with an exactly-once source',
    {
      standalone: '20 lines',
      'standalone, more': '25 lines',
      distributed: '20 lines',
      'distributed, come back': '25 lines',
      'distributed, tasks': 'running',
    },
  ),
  framework('MirrorMaker 2', 'mirror-maker@4.3.1', 'topics with their configs, checkpoints of a group, heartbeats', {
    mirrored: '30 records, partitions, keys and headers alike',
    configs: 'follow',
    checkpoints: 'of the group',
    heartbeats: 'come',
  }),
  framework(
    'Spring Kafka',
    'spring-kafka@4.1.2',
    'admin, listener containers, dead letters, request and reply, transactions',
    {
      admin: '4 partitions, a cluster id',
      'three listeners': '30 once each in 3 threads',
      'dead letters': 'bad after 3 tries, from its topic',
      'request and reply': 'HELLO',
      transactions: '5 committed, 0 undone read',
    },
  ),
  framework('Quix Streams', 'quixstreams@3.28.1', 'a stateful count with its changelog, exactly once over a restart', {
    'stateful count': 'k0=10 in 10 k1=10 in 10',
    'after a restart': 'k0=15 in 5 k1=15 in 5',
  }),
  framework('Apicurio Registry', 'apicurio@3.0.9', 'a schema in its topics, read after a restart', {
    registered: 'with an id',
    schema: 'Order',
    'schema after a restart': 'Order',
  }),
  framework('rdkafka_performance', 'rdkafka-performance@3.6.1', '80,000 messages in four codecs, and back', {
    'produced none': '20000 messages produced',
    'produced gzip': '20000 messages produced',
    'produced snappy': '20000 messages produced',
    'produced lz4': '20000 messages produced',
    consumed: '80000 messages',
  }),
  framework('rsyslog', 'rsyslog@8.2302', 'omkafka: lines from its socket into a topic', { 'lines in the topic': '50' }),
]
