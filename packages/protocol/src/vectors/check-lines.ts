import { bodyForm, checkBothWays, checkFrame, type Form, recordForm } from './check-line.ts'
import { loadSubjects, type Subject } from './subject.ts'
import { VectorLine } from './vector-line.ts'

export interface CheckResult {
  readonly passed: number
  /** One text for each line that failed. */
  readonly failures: readonly string[]
}

/** Checks lines of the vector files against the codec: bytes to value, and value to the same bytes. */
export class VectorChecker {
  private readonly subjects: ReadonlyMap<string, Subject>

  /** `specsDirectory`: protocol-specs, which say what the values in the vectors mean. */
  constructor(specsDirectory: string) {
    this.subjects = loadSubjects(specsDirectory)
  }

  checkMessages(lines: Iterable<string>): CheckResult {
    return checkEach(lines, (line) => checkBothWays(this.messageForm(line), line.bytes, line.value))
  }

  checkHeaders(lines: Iterable<string>): CheckResult {
    return checkEach(lines, (line) => {
      const [side, what] = line.text('kind').split('-')
      const header = this.subject(side === 'request' ? 'RequestHeader' : 'ResponseHeader')
      if (what === 'header') return checkBothWays(bodyForm(header, line.number('version')), line.bytes, line.value)
      return checkFrame(line, header, this.subject(`${line.text('api')}${side === 'request' ? 'Request' : 'Response'}`))
    })
  }

  checkInternalRecords(lines: Iterable<string>): CheckResult {
    return checkEach(lines, (line) => checkBothWays(this.recordForm(line), line.bytes, line.value))
  }

  /** How the bytes of a line of messages are read and written. */
  messageForm(line: VectorLine): Form {
    const kind = line.text('kind') === 'request' ? 'Request' : 'Response'
    return bodyForm(this.subject(`${line.text('api')}${kind}`), line.number('version'))
  }

  /** How the bytes of a line of internal-records are read and written. */
  recordForm(line: VectorLine): Form {
    return recordForm(this.subject(line.text('record')), line)
  }

  private subject(name: string): Subject {
    const subject = this.subjects.get(name)
    if (subject === undefined) throw new Error(`no spec describes ${name}`)
    return subject
  }
}

function checkEach(lines: Iterable<string>, check: (line: VectorLine) => string | null): CheckResult {
  const failures: string[] = []
  let passed = 0
  for (const text of lines) {
    const line = new VectorLine(text)
    const failure = attempt(() => check(line))
    if (failure === null) passed++
    else failures.push(`${line.title}: ${failure}`)
  }
  return { passed, failures }
}

function attempt(check: () => string | null): string | null {
  try {
    return check()
  } catch (error) {
    return String(error)
  }
}
