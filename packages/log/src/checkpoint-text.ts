// Kafka's checkpoint files: a version line, a line with the number of entries, an entry per line.

const VERSION = 0

export function writeCheckpointText(lines: readonly string[]): string {
  return [String(VERSION), String(lines.length), ...lines, ''].join('\n')
}

/** The entries, or null when the text is no whole checkpoint of this version. */
export function readCheckpointText(text: string): readonly string[] | null {
  const [version, count, ...lines] = text.split('\n')
  if (version !== String(VERSION) || lines.at(-1) !== '') return null
  lines.pop()
  return count === String(lines.length) ? lines : null
}

/** The numbers of a line; null unless it holds exactly `count` whole ones of at least `least`. */
export function readNumbers(line: string, count: number, least: number): readonly number[] | null {
  const words = line.split(' ')
  const numbers = words.map(Number)
  const isGood = numbers.length === count && numbers.every((value) => Number.isSafeInteger(value) && value >= least)
  return isGood && words.every((word) => word !== '') ? numbers : null
}
