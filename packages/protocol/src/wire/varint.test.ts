import { unsignedVarintSize, varintSize, varlongSize } from './varint.ts'
import { Writer } from './writer.ts'

function size(write: (writer: Writer) => void): number {
  const writer = new Writer()
  write(writer)
  return writer.toBytes().length
}

test('a size is known before anything is written, at every power of two', () => {
  for (let bits = 0; bits < 63; bits++) {
    for (const value of [
      (1n << BigInt(bits)) - 1n,
      1n << BigInt(bits),
      -(1n << BigInt(bits)),
      -(1n << BigInt(bits)) - 1n,
    ]) {
      expect(varlongSize(value)).toBe(size((writer) => writer.varlong(value)))
      const narrow = Number(BigInt.asIntN(32, value))
      expect(varintSize(narrow)).toBe(size((writer) => writer.varint(narrow)))
      expect(unsignedVarintSize(narrow)).toBe(size((writer) => writer.unsignedVarint(narrow)))
    }
  }
})
