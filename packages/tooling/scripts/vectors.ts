import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type CheckResult, specsDirectory, VectorChecker } from '@odradek/protocol/vectors'
import { checkRecordLine, parseRecordLine } from '@odradek/records/vectors'

const FAILURES_SHOWN_MAX = 50

/** Lines of `name.ndjson.gz` or `name.ndjson` in the directory; null when there is neither. */
function linesOf(directory: string, name: string): string[] | null {
  const packed = join(directory, `${name}.ndjson.gz`)
  const plain = join(directory, `${name}.ndjson`)
  const bytes = existsSync(packed) ? gunzipSync(readFileSync(packed)) : existsSync(plain) ? readFileSync(plain) : null
  return (
    bytes
      ?.toString('utf8')
      .split('\n')
      .filter((line) => line !== '') ?? null
  )
}

function checkRecords(lines: readonly string[]): CheckResult {
  const failures = lines.flatMap((text) => {
    try {
      const line = parseRecordLine(text)
      const problems = checkRecordLine(line)
      return problems.length === 0 ? [] : [`${line.name}: ${problems.join('; ')}`]
    } catch (error) {
      return [`${text.slice(0, 80)}: ${String(error)}`]
    }
  })
  return { passed: lines.length - failures.length, failures }
}

/** `npm run vectors -- DIRECTORY`: checks golden vectors of any origin against codec and record batches, both ways. */
function main(directory: string | undefined): number {
  if (directory === undefined || !existsSync(directory)) {
    console.error(`no such directory: ${directory ?? '(none given)'}; call it as npm run vectors -- DIRECTORY`)
    return 2
  }
  const checker = new VectorChecker(specsDirectory)
  const files: readonly [string, (lines: string[]) => CheckResult][] = [
    ['messages', (lines) => checker.checkMessages(lines)],
    ['headers', (lines) => checker.checkHeaders(lines)],
    ['internal-records', (lines) => checker.checkInternalRecords(lines)],
    ['records', checkRecords],
  ]
  let passed = 0
  let failed = 0
  for (const [name, check] of files) {
    const lines = linesOf(directory, name)
    if (lines === null) continue
    const result = check(lines)
    passed += result.passed
    failed += result.failures.length
    console.log(`${name}: ${result.passed} of ${lines.length}`)
    for (const failure of result.failures.slice(0, FAILURES_SHOWN_MAX)) console.log(`  ${failure.slice(0, 500)}`)
  }
  if (passed + failed === 0) {
    console.error(
      `no vectors in ${directory}: it should hold messages, headers, internal-records or records (.ndjson.gz)`,
    )
    return 2
  }
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

const argument = process.argv[2]
// npm runs scripts at the root, whatever folder it was called in.
process.exitCode = main(argument === undefined ? undefined : resolve(process.env['INIT_CWD'] ?? '', argument))
