import { unsignedVarintSize } from './varint.ts'
import { Writer } from './writer.ts'

test('a size is known before anything is written, on both sides of every power of two', () => {
  for (let bits = 0; bits <= 32; bits++) {
    for (const value of [2 ** bits - 1, 2 ** bits % 2 ** 32]) {
      const writer = new Writer()
      writer.unsignedVarint(value)
      expect(unsignedVarintSize(value)).toBe(writer.length)
    }
  }
})
