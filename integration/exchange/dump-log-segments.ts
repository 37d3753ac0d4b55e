import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { kafkaTool } from './programs.ts'

const TOOL = 'org.apache.kafka.tools.DumpLogSegments'
/** What the tool says of a file that it does not like, without ending in an error. */
const COMPLAINTS = [
  /isvalid: false/,
  /mismatch/i,
  /corrupt/i,
  /exception/i,
  / is followed by /,
  /Could not/i,
  /Failed to/i,
  /out of order/i,
  /Found invalid/i,
]
/** Records that compaction has left stand apart; and the tool compares what begins a later segment with nothing. */
const GAPS = /^ +\d+ is followed by /
const FIRST = /^ +-1 is followed by /

export interface Dump {
  readonly what: string
  readonly files: number
  /** Lines in which the tool complains; empty when it is content. */
  readonly complaints: readonly string[]
}

/** Has Kafka's DumpLogSegments read every file of a data directory of ours. `topicNames` are by topic id in hex. */
export async function dumpLogSegments(
  dataDirectory: string,
  topicNames: ReadonlyMap<string, string>,
): Promise<readonly Dump[]> {
  const groups = new Map<string, { flags: readonly string[]; files: string[] }>()
  for (const file of segmentFiles(dataDirectory)) {
    const [what, flags] = readingOf(file, topicNames)
    const group = groups.get(what) ?? { flags, files: [] }
    group.files.push(file)
    groups.set(what, group)
  }
  const dumps: Dump[] = []
  for (const [what, { flags, files }] of [...groups].sort()) {
    const { code, output, errors } = await kafkaTool(TOOL, [...flags, '--files', files.join(',')])
    const isCompacted = /decoder|compacted/.test(what)
    const said = `${output}\n${errors}`
      .split('\n')
      .filter(
        (line) =>
          COMPLAINTS.some((complaint) => complaint.test(line)) &&
          !FIRST.test(line) &&
          !(isCompacted && GAPS.test(line)),
      )
    const complaints = code === 0 ? said : [`exit ${code}: ${errors.slice(-1000)}`, ...said]
    dumps.push({ what, files: files.length, complaints })
  }
  return dumps
}

function readingOf(file: string, topicNames: ReadonlyMap<string, string>): readonly [string, readonly string[]] {
  if (!file.endsWith('.log')) {
    const suffix = file.slice(file.lastIndexOf('.'))
    return [`${suffix} --index-sanity-check`, suffix === '.snapshot' ? [] : ['--index-sanity-check']]
  }
  const directory = file.split('/').at(-2) ?? ''
  const topic = topicNames.get(directory.slice(0, 32)) ?? directory
  const decoder = DECODERS.find(([name]) => topic.startsWith(name))?.[1]
  if (decoder !== undefined) return [decoder, ['--deep-iteration', decoder]]
  return [topic === 'compacted' ? 'compacted logs' : 'logs', ['--deep-iteration', '--print-data-log']]
}

const DECODERS = [
  ['__cluster_metadata', '--cluster-metadata-decoder'],
  ['__consumer_offsets', '--offsets-decoder'],
  ['__transaction_state', '--transaction-log-decoder'],
  ['__share_group_state', '--share-group-state-decoder'],
] as const

function segmentFiles(dataDirectory: string): readonly string[] {
  return readdirSync(dataDirectory)
    .map((name) => join(dataDirectory, name))
    .filter((path) => statSync(path).isDirectory())
    .flatMap((directory) => readdirSync(directory).map((name) => join(directory, name)))
    .filter((path) => /\/\d{20}\.(log|index|timeindex|txnindex|snapshot)$/.test(path))
    .filter((path) => readFileSync(path).length > 0 || path.endsWith('.log'))
}
