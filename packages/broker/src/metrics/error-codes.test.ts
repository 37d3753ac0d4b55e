import { eachErrorCode } from './error-codes.ts'

function codesOf(response: unknown): number[] {
  const codes: number[] = []
  eachErrorCode(response, (code) => codes.push(code))
  return codes.sort((a, b) => a - b)
}

test('codes are found at the top and in rows', () => {
  const response = {
    errorCode: 15,
    topics: [
      {
        name: 'a',
        errorCode: 0,
        partitions: [
          { errorCode: 3, replicas: [1, 2] },
          { errorCode: 6, records: Buffer.of(1) },
        ],
      },
      { name: 'b', partitions: null },
    ],
  }
  expect(codesOf(response)).toEqual([0, 3, 6, 15])
})

test.each([[null], [undefined], [7], [{}], [{ errorCode: null }], [[]]])('%p has none', (response) => {
  expect(codesOf(response)).toEqual([])
})

test('of a huge answer only a part is looked at', () => {
  const rows = (count: number) => ({ rows: Array.from({ length: count }, () => ({ errorCode: 1 })) })
  expect(codesOf(rows(4998))).toHaveLength(4998)
  expect(codesOf(rows(100_000))).toHaveLength(4998)
})
