import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { checkRecordLine } from './check-record-line.ts'
import { judgeLine, outcomeOf } from './produce-line.ts'
import { parseRecordLine, type RecordLine } from './record-line.ts'

const directory = join(__dirname, '../../vectors')
const lines = gunzipSync(readFileSync(join(directory, 'records.ndjson.gz')))
  .toString()
  .trim()
  .split('\n')
  .map(parseRecordLine)

test('every line is read, written again and judged as Kafka does', () => {
  expect(lines).toHaveLength(592)
  const wrong = lines.flatMap((line) => {
    const problems = checkRecordLine(line)
    return problems.length === 0 ? [] : [`${line.name}: ${problems.join('; ').slice(0, 400)}`]
  })
  expect(wrong).toEqual([])
})

/** `batch` does not open what it need not: these lines, and no others, get another verdict than under `full`. */
test('the lines that end differently under `batch` are those of the list', () => {
  const short = (outcome: string, line: RecordLine) =>
    /^[A-Z_]+$/.test(outcome)
      ? outcome
      : outcome.slice(32) === line.hex.slice(32)
        ? 'stored as sent'
        : 'stored corrected'
  const found = Object.fromEntries(
    lines
      .filter(({ produce }) => produce !== undefined)
      .map((line) => {
        const [full, batch] = (['full', 'batch'] as const).map((mode) => outcomeOf(judgeLine(line, mode).verdict))
        return { line, full: full!, batch: batch! }
      })
      .filter(({ full, batch }) => full !== batch)
      .map(({ line, full, batch }) => [line.name, { full: short(full, line), batch: short(batch, line) }]),
  )
  expect(found).toEqual(JSON.parse(readFileSync(join(directory, 'batch-verdicts.json'), 'utf8')))
})
