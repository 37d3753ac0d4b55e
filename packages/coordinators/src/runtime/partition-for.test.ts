import { partitionFor } from './partition-for.ts'

describe('partitionFor', () => {
  // The hash codes are what a JVM prints for these strings.
  test.each([
    ['', 0, 0],
    ['a', 97, 47],
    ['hello', 99162322, 22],
    ['my-group', -1906497762, 12],
    ['console-consumer-12345', 158455506, 6],
  ])('%j has hash %i and lies in partition %i of 50', (key, hash, partition) => {
    expect(Math.abs(hash) % 50).toBe(partition)
    expect(partitionFor(key, 50)).toBe(partition)
  })

  test('the hash whose absolute value does not fit in 32 bits goes to partition 0', () => {
    // "polygenelubricants".hashCode() is Integer.MIN_VALUE.
    expect(partitionFor('polygenelubricants', 50)).toBe(0)
    expect(partitionFor('polygenelubricants', 7)).toBe(0)
  })

  test('characters beyond the basic plane count as two code units', () => {
    // "😀".hashCode() = 31 * 0xD83D + 0xDE00
    expect(partitionFor('😀', 1000)).toBe((31 * 0xd83d + 0xde00) % 1000)
  })
})
