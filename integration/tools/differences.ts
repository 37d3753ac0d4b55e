/** A line that one of the two prints and the other does not, and why that is so. */
export interface Difference {
  readonly scenario: string
  /** Part of the call; any, where it is left out. */
  readonly call?: string
  readonly kafka?: RegExp
  readonly odradek?: RegExp
  /** What Kafka prints within a line, and what is there in its place here. */
  readonly rewrite?: readonly [RegExp, string]
  readonly why: string
}

const NOT_YET = /^\t(ConsumerGroup\w+|Share\w+|\w+ShareGroup\w+|Streams\w+|UNKNOWN)\(/
const WORDING = 'the error is the same, its words are ours'
const LATER = 'not offered yet: README.md has the table of APIs'

/** Whatever is not in this list is the same, line by line. */
const DIFFERENCES: readonly Difference[] = [
  { scenario: 'topics', rewrite: [/ existing topic: a\.b$/, " existing topic 'a.b'"], why: WORDING },
  {
    scenario: 'topics',
    rewrite: [
      /contains one or more characters other than ASCII alphanumerics/,
      'has characters other than a-z, A-Z, 0-9',
    ],
    why: WORDING,
  },
  {
    scenario: 'topics',
    rewrite: [
      /The topic orders currently has 5 partition\(s\); 2 would not be an increase\./,
      "Topic 'orders' has 5 partition(s); 2 would not be more",
    ],
    why: WORDING,
  },
  { scenario: 'configs', rewrite: [/Not a number of type LONG/, 'must be a whole number of 64 bits'], why: WORDING },
  { scenario: 'configs', rewrite: [/dynamically: \[node\.id\]/, 'dynamically: node.id'], why: WORDING },
  {
    scenario: 'configs',
    rewrite: [
      /consumer\.session\.timeout\.ms must be in the range 45000 to 60000 inclusive\./,
      'Invalid value 1 for configuration consumer.session.timeout.ms: must be at least 45000',
    ],
    why: WORDING,
  },
  {
    scenario: 'configs',
    call: '--broker-logger',
    kafka: /./,
    odradek: /./,
    why: 'loggers are those of Java classes there; no logger of the same name is here',
  },
  {
    scenario: 'cluster',
    call: 'describe',
    rewrite: [
      /^(Feature: (?:group|kraft|share|streams)\.version {2}SupportedMinVersion: 0 {2}SupportedMaxVersion): \d( {2}FinalizedVersionLevel): \d/,
      '$1: 0$2: 0',
    ],
    why: 'levels are offered only of what works here: no groups of the newer protocols, and one controller, whose quorum does not change',
  },
  {
    scenario: 'cluster',
    rewrite: [
      /metadata\.version {2}SupportedMinVersion: 3\.3-IV3/,
      'metadata.version  SupportedMinVersion: UNKNOWN 33',
    ],
    why: 'a metadata log is written at one level only',
  },
  {
    scenario: 'cluster',
    call: 'broker-api-versions',
    rewrite: [/^(\t(?!WriteTxnMarkers)\w+\(\d+\)): [124] to /, '$1: 0 to '],
    why: 'versions that Kafka has dropped are served too',
  },
  {
    scenario: 'cluster',
    call: 'broker-api-versions',
    rewrite: [/^(\t(?:GetTelemetrySubscriptions|PushTelemetry)\(\d+\)): UNSUPPORTED/, '$1: 0 [usable: 0]'],
    why: 'clients are asked for their metrics without a reporter class too',
  },
  {
    scenario: 'cluster',
    call: 'broker-api-versions',
    kafka: NOT_YET,
    odradek: NOT_YET,
    why: LATER,
  },
  {
    scenario: 'acls',
    rewrite: [/Request Request\(.*$/, 'The right to DESCRIBE the cluster is missing'],
    why: `${WORDING}; those of Kafka tell all that it knows of the connection`,
  },
  {
    scenario: 'scram-users',
    rewrite: [/are (SCRAM-SHA-512=\S+), (SCRAM-SHA-256=\S+)$/, 'are $2, $1'],
    why: 'Kafka has the credentials of a user in the order of a hash table',
  },
  {
    scenario: 'delegation-tokens',
    rewrite: [/Authorization failed\.$/, 'The right to create this topic is missing'],
    why: WORDING,
  },
]

/** `lines` without what is explained. */
export function unexplained(
  scenario: string,
  call: string,
  side: 'kafka' | 'odradek',
  lines: readonly string[],
): readonly string[] {
  const about = DIFFERENCES.filter((each) => each.scenario === scenario && call.includes(each.call ?? ''))
  const patterns = about.flatMap((each) => each[side] ?? [])
  const rewrites = side === 'kafka' ? about.flatMap(({ rewrite }) => (rewrite === undefined ? [] : [rewrite])) : []
  return lines
    .filter((line) => !patterns.some((pattern) => pattern.test(line)))
    .map((line) => rewrites.reduce((text, [from, to]) => text.replace(from, to), line))
}
