import { inSlices } from './in-slices.ts'
import { ROWS_PER_TURN } from './in-turns.ts'

interface Row {
  readonly name: string
  readonly at: number
}

const slicing = inSlices<{ readonly rows: readonly Row[]; readonly isFirst: boolean }, Row, readonly Row[]>({
  rows: ({ rows }) => rows,
  only: (request, rows) => ({ ...request, rows }),
  key: ({ name }) => name,
  join: (responses) => responses.flat(),
})

const rows = (count: number, nameOf: (at: number) => string = String) =>
  Array.from({ length: count }, (_, at) => ({ name: nameOf(at), at }))

test('a request of one turn is handled as it is', () => {
  const request = { rows: rows(ROWS_PER_TURN), isFirst: true }
  expect(slicing.split(request, 0)).toEqual([request])
  expect(slicing.split(request, 0)[0]).toBe(request)
})

test('one row more makes two, which keep all else; the answers follow each other', () => {
  const request = { rows: rows(ROWS_PER_TURN + 1), isFirst: true }
  const slices = slicing.split(request, 0)
  expect(slices.map((slice) => [slice.rows.length, slice.isFirst])).toEqual([
    [ROWS_PER_TURN, true],
    [1, true],
  ])
  expect(slicing.join(slices.map((slice) => slice.rows))).toEqual(request.rows)
})

test('rows that are repeated are seen together, however far apart they stand', () => {
  const distinct = 2 * ROWS_PER_TURN
  const request = { rows: rows(3 * ROWS_PER_TURN, (at) => String(at % distinct)), isFirst: true }
  const slices = slicing.split(request, 0)
  const sliceOf = new Map<string, number>()
  for (const [index, slice] of slices.entries()) {
    for (const { name } of slice.rows) expect(sliceOf.set(name, sliceOf.get(name) ?? index).get(name)).toBe(index)
  }
  expect(slices.flatMap((slice) => slice.rows)).toHaveLength(request.rows.length)
})

test('a name that is repeated more often than a turn has rows is one slice alone', () => {
  const request = { rows: rows(2 * ROWS_PER_TURN, (at) => (at === 0 ? 'one' : 'other')), isFirst: true }
  expect(slicing.split(request, 0).map((slice) => slice.rows.length)).toEqual([1, 2 * ROWS_PER_TURN - 1])
})

test('rows that need not be seen together are taken as they come', () => {
  const plain = inSlices<readonly string[], string, readonly string[]>({
    rows: (request) => request,
    only: (_, some) => some,
    join: (responses) => responses.flat(),
  })
  const request = Array.from({ length: 2 * ROWS_PER_TURN + 1 }, () => 'same')
  expect(plain.split(request, 0).map(({ length }) => length)).toEqual([ROWS_PER_TURN, ROWS_PER_TURN, 1])
})
