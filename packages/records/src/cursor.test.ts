import { Cursor } from './cursor.ts'
import { RecordsError } from './records-error.ts'

const cursorOver = (hex: string) => {
  const bytes = Buffer.from(hex, 'hex')
  return new Cursor(bytes, 0, bytes.length)
}

test.each([
  ['00', 0],
  ['01', -1],
  ['02', 1],
  ['7f', -64],
  ['8001', 64],
  ['feffffff0f', 2_147_483_647],
  ['ffffffff0f', -2_147_483_648],
  // Bits past the 32nd of a fifth byte are dropped.
  ['feffffff7f', 2_147_483_647],
])('varint %s is %i', (hex, value) => {
  expect(cursorOver(hex).varint()).toBe(value)
})

test.each([
  ['00', 0],
  ['01', -1],
  ['8001', 64],
  ['feffffff0f', 2_147_483_647],
  ['ffffffff0f', -2_147_483_648],
  ['80808080808001', 2 ** 41],
  ['feffffffffff7f', 2 ** 48 - 1],
  ['ffffffffffff7f', -(2 ** 48)],
  ['8080808080808001', 2n ** 48n],
  ['feffffffffffffffff01', 2n ** 63n - 1n],
  ['ffffffffffffffffff01', -(2n ** 63n)],
])('varlong %s is %p', (hex, value) => {
  const cursor = cursorOver(hex)
  expect(cursor.varlong()).toBe(value)
  expect(cursor.remaining).toBe(0)
})

test.each(['', '80', 'ffffffff', '8080808080'])('varint %p has no end', (hex) => {
  expect(() => cursorOver(hex).varint()).toThrow(RecordsError)
})

test.each(['', 'ffffffffffff', '80808080808080808080', 'ffffffffffffffffff'])('varlong %p has no end', (hex) => {
  expect(() => cursorOver(hex).varlong()).toThrow(RecordsError)
})

test('a skip goes up to the end and no further', () => {
  const cursor = cursorOver('0102030405')
  cursor.skip(5)
  expect(cursor.remaining).toBe(0)
  cursor.skip(-1)
  expect(() => cursor.skip(1)).toThrow(RecordsError)
})

test('a cursor sees no byte past its end, though the bytes go on', () => {
  const cursor = new Cursor(Buffer.from('80ff01', 'hex'), 0, 1)
  expect(() => cursor.varint()).toThrow(RecordsError)
})
