import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { VectorChecker } from './check-lines.ts'

const packageDirectory = join(__dirname, '../..')
const checker = new VectorChecker(join(packageDirectory, '../../protocol-specs'))

function lines(file: string): string[] {
  return gunzipSync(readFileSync(join(packageDirectory, 'vectors', `${file}.ndjson.gz`)))
    .toString('utf8')
    .trimEnd()
    .split('\n')
}

describe("bytes made by Kafka's own serializers become the value they encode, and the value the same bytes", () => {
  test('requests and responses', () => {
    expect(checker.checkMessages(lines('messages'))).toEqual({ passed: 4547, failures: [] })
  })

  test('headers and whole frames', () => {
    expect(checker.checkHeaders(lines('headers'))).toEqual({ passed: 345, failures: [] })
  })

  test('records of internal topics and embedded structures', () => {
    expect(checker.checkInternalRecords(lines('internal-records'))).toEqual({ passed: 806, failures: [] })
  })
})
