const UNORDERED = /^partition: /
/** The tool's own words, in an order that differs from run to run. */
const USAGE = /^Option +Description *\n[\s\S]*/m

/** The tool begins at a random node: of what it proposes only the sets of nodes are the same. */
const PROPOSAL = 'Proposed partition reassignment configuration'

function withoutOrder(line: string): string {
  return line.replace(/"replicas":\[([\d,]*)\]/g, (_, ids) => `"replicas":[${String(ids).split(',').sort().join()}]`)
}

export interface Particulars {
  /** `host:port` of each node and listener. */
  readonly addresses: readonly string[]
  /** Where files of the scenario lie. */
  readonly directory: string
  readonly logDirectories: readonly string[]
}

/** What differs from run to run, under a name: addresses, ids, times, directories, sizes, and what Java says of itself. */
export function normalized(output: string, { addresses, directory, logDirectories }: Particulars): readonly string[] {
  let text = logDirectories
    .reduce((left, path) => left.replaceAll(path, 'LOG_DIR'), output.replace(USAGE, 'USAGE'))
    .replaceAll(directory, 'DIR')
  for (const address of addresses) {
    text = text.replaceAll(address, 'BROKER').replaceAll(address.replace(':', ' '), 'BROKER')
  }
  const lines = text
    .split('\n')
    .map((line, index, all) => (all[index - 1] === PROPOSAL ? withoutOrder(line) : normalizedLine(line)))
    .filter((line) => line !== '' && !/^(\[\d{4}-\d\d-\d\d|\tat )/.test(line))
  // The tool prints these in the order in which answers come.
  const unordered = lines.filter((line) => UNORDERED.test(line)).sort()
  return sortedAcls(lines.map((line) => (UNORDERED.test(line) ? (unordered.shift() ?? line) : line)))
}

function sortedWords(text: string): string {
  return text.split(', ').sort().join(', ')
}

/** The tool prints resources, and the ACLs of each, in the order of a hash table. */
function sortedAcls(lines: readonly string[]): readonly string[] {
  const blocks: string[][] = []
  for (const line of lines) {
    const isHeader = /^\S+ .*ResourcePattern/.test(line)
    const last = blocks.at(-1)
    if (last === undefined || isHeader || !line.includes('(principal=')) blocks.push([line])
    else last.push(line)
  }
  const sorted = blocks.map(([first = '', ...acls]) => [first, ...acls.sort()].join('\n'))
  const isAcls = (block: string) => block.includes('ResourcePattern')
  const ordered = sorted.filter(isAcls).sort()
  return sorted.flatMap((block) => (isAcls(block) ? (ordered.shift() ?? block) : block).split('\n'))
}

function normalizedLine(line: string): string {
  return line
    .replace(/[A-Za-z0-9+/]{86}==/g, 'HMAC')
    .replace(/[\w-]{22}(?=\s+HMAC)/g, 'ID')
    .replace(/(with tokenId : )[\w-]{22}/, '$1ID')
    .replace(/(only supports operations \[)([^\]]+)/, (_, start, names) => start + sortedWords(names))
    .replace(/^[ \t]+\(principal=/, '  (principal=')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d/g, 'DATE')
    .replace(/(TopicId: |Cluster ID: |ClusterId: +)[\w-]{22}/g, '$1ID')
    .replace(/"size":\d+/g, '"size":SIZE')
    .replace(/^(\d+)\s+[\w-]{22}\s+\d+\s+(\d+)\s+\d+\s+\d+\s+/, '$1  ID  OFFSET  $2  TIME  TIME  ')
    .replace(/(Epoch: |HighWatermark: +)\d+/g, '$1N')
    .replace(/\w+:\/\/(BROKER|[\w.]+:\d+)/g, 'LISTENER')
    .replace(/[ \t]+$/g, '')
    .replace(/[ \t]{2,}/g, '  ')
}
