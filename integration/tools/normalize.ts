const UNORDERED = /^partition: /

export interface Particulars {
  /** `host:port` of the broker, as it was named and as it advertises itself. */
  readonly addresses: readonly string[]
  /** Where files of the scenario lie. */
  readonly directory: string
  readonly logDirectory: string
}

/** What differs from run to run, under a name: addresses, ids, times, directories, sizes, and what Java says of itself. */
export function normalized(output: string, { addresses, directory, logDirectory }: Particulars): readonly string[] {
  let text = output.replaceAll(logDirectory, 'LOG_DIR').replaceAll(directory, 'DIR')
  for (const address of addresses) {
    text = text.replaceAll(address, 'BROKER').replaceAll(address.replace(':', ' '), 'BROKER')
  }
  const lines = text
    .split('\n')
    .map(normalizedLine)
    .filter((line) => line !== '' && !/^(\[\d{4}-\d\d-\d\d|\tat )/.test(line))
  // The tool prints these in the order in which answers come.
  const unordered = lines.filter((line) => UNORDERED.test(line)).sort()
  return lines.map((line) => (UNORDERED.test(line) ? (unordered.shift() ?? line) : line))
}

function normalizedLine(line: string): string {
  return line
    .replace(/(TopicId: |Cluster ID: |ClusterId: +)[\w-]{22}/g, '$1ID')
    .replace(/"size":\d+/g, '"size":SIZE')
    .replace(/^(\d+)\s+[\w-]{22}\s+\d+\s+(\d+)\s+\d+\s+\d+\s+/, '$1  ID  OFFSET  $2  TIME  TIME  ')
    .replace(/(Epoch: |HighWatermark: +)\d+/g, '$1N')
    .replace(/\w+:\/\/(BROKER|[\w.]+:\d+)/g, 'LISTENER')
    .replace(/[ \t]+$/g, '')
    .replace(/[ \t]{2,}/g, '  ')
}
