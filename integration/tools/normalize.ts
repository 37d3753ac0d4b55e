const UNORDERED = /^partition: /
/** The tool's own words, in an order that differs from run to run. */
const USAGE = /^Option +Description *\n[\s\S]*/m

export interface Particulars {
  /** `host:port` of the broker, as it was named and as it advertises itself. */
  readonly addresses: readonly string[]
  /** Where files of the scenario lie. */
  readonly directory: string
  readonly logDirectory: string
}

/** What differs from run to run, under a name: addresses, ids, times, directories, sizes, and what Java says of itself. */
export function normalized(output: string, { addresses, directory, logDirectory }: Particulars): readonly string[] {
  let text = output.replace(USAGE, 'USAGE').replaceAll(logDirectory, 'LOG_DIR').replaceAll(directory, 'DIR')
  for (const address of addresses) {
    text = text.replaceAll(address, 'BROKER').replaceAll(address.replace(':', ' '), 'BROKER')
  }
  const lines = text
    .split('\n')
    .map(normalizedLine)
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
