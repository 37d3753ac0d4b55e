import { checkPrefix, type Form } from './check-line.ts'
import { VectorChecker } from './check-lines.ts'
import { packedLines, specsDirectory } from './packed.ts'
import { VectorLine } from './vector-line.ts'

/**
 * Up to this size every prefix is tried; of larger ones the ends and a spread between them. `npm run prefixes` leaves no
 * prefix of a message of ordinary size out.
 */
const exhaustiveBytesMax = Number(process.env['PREFIX_BYTES_MAX'] ?? 160)
const testMsMax = 1_200_000
const spread = 8

const checker = new VectorChecker(specsDirectory)
const stackTraceLimit = Error.stackTraceLimit

// Hundreds of thousands of errors are made here, and nobody reads where.
beforeAll(() => {
  Error.stackTraceLimit = 0
})

afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
})

function prefixLengths(size: number): number[] {
  if (size <= exhaustiveBytesMax) return Array.from({ length: size }, (_, length) => length)
  const lengths = new Set(Array.from({ length: spread }, (_, step) => Math.floor((step * size) / spread)))
  for (let distance = 1; distance <= spread; distance++) lengths.add(distance - 1).add(size - distance)
  return [...lengths]
}

function failures(lines: readonly string[], formOf: (line: VectorLine) => Form): string[] {
  return lines.flatMap((text) => {
    const line = new VectorLine(text)
    const form = formOf(line)
    const { bytes } = line
    return prefixLengths(bytes.length).flatMap((length) => {
      const failure = checkPrefix(form, bytes, length)
      return failure === null ? [] : [`${line.title}: ${failure}`]
    })
  })
}

describe('a message that is cut short ends in one clean error, wherever it is cut', () => {
  test(
    'requests and responses',
    () => {
      expect(failures(packedLines('messages'), (line) => checker.messageForm(line))).toEqual([])
    },
    testMsMax,
  )

  test(
    'records of internal topics and embedded structures',
    () => {
      expect(failures(packedLines('internal-records'), (line) => checker.recordForm(line))).toEqual([])
    },
    testMsMax,
  )
})
