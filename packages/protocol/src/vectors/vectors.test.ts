import { VectorChecker } from './check-lines.ts'
import { packedLines, specsDirectory } from './packed.ts'

const checker = new VectorChecker(specsDirectory)

describe("bytes made by Kafka's own serializers become the value they encode, and the value the same bytes", () => {
  test('requests and responses', () => {
    expect(checker.checkMessages(packedLines('messages'))).toEqual({ passed: 4547, failures: [] })
  })

  test('headers and whole frames', () => {
    expect(checker.checkHeaders(packedLines('headers'))).toEqual({ passed: 345, failures: [] })
  })

  test('records of internal topics and embedded structures', () => {
    expect(checker.checkInternalRecords(packedLines('internal-records'))).toEqual({ passed: 806, failures: [] })
  })
})
