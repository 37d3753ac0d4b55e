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

test('a line that is not true is found', () => {
  const line = packedLines('messages').find(
    (text) => text.includes('"api":"Heartbeat","key":12,"kind":"request","version":4') && text.includes('typical'),
  )!
  const hex = /"hex":"([0-9a-f]+)"/.exec(line)![1]!
  const altered = [
    line.replace(/"generationId":\d+/, '"generationId":123456'),
    line.replace(hex, `${hex}00`),
    line.replace(hex, hex.slice(2)),
    line.replace('"version":4', '"version":3'),
  ]
  const { passed, failures } = checker.checkMessages([line, ...altered])
  expect([passed, failures.length]).toEqual([1, altered.length])
})
