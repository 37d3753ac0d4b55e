import { SimFs } from './contract/sim/sim-fs.ts'
import { OpenFiles } from './fs/open-files.ts'
import { TransactionIndex } from './transaction-index.ts'

function setUp() {
  const fs = new SimFs()
  fs.mkdirSync('data')
  const open = () => new TransactionIndex(new OpenFiles(fs, 10), 'data/0.txnindex')
  return { fs, open }
}

const entry = (lastOffset: number) => ({
  producerId: BigInt(lastOffset),
  firstOffset: lastOffset - 3,
  lastOffset,
  lastStableOffset: lastOffset - 5,
})

describe('the index of aborted transactions', () => {
  it('finds the first whose marker is at an offset or after it, in the file and before it is there', () => {
    const { open } = setUp()
    const index = open()
    for (const lastOffset of [10, 20, 30]) index.append(entry(lastOffset))
    index.save()
    for (const lastOffset of [40, 50]) index.append(entry(lastOffset))
    expect([0, 10, 11, 30, 31, 50, 51].map((offset) => index.firstEndingFrom(offset))).toEqual([0, 0, 1, 2, 3, 4, 5])
    expect([0, 1, 2, 3, 4].map((at) => index.entry(at))).toEqual([10, 20, 30, 40, 50].map(entry))
  })

  it('is read in pieces, a few entries first, then many, and what is not saved after them', () => {
    const { fs, open } = setUp()
    const index = open()
    for (let at = 0; at < 5000; at++) index.append(entry(10 + at))
    index.save()
    for (const lastOffset of [5010, 5011]) index.append(entry(lastOffset))
    let reads = 0
    fs.fault = (operation) => {
      if (operation === 'read') reads++
      return null
    }
    for (const start of [0, 1, 15, 16, 17, 4999, 5000, 5001, 5002]) {
      const expected = Array.from({ length: 5002 - start }, (_, at) => entry(10 + start + at))
      reads = 0
      expect([...index.entriesFrom(start)]).toEqual(expected)
      // 16, 32 ... 2048: 4080 entries in eight reads.
      expect(reads).toBeLessThanOrEqual(9)
    }
  })

  it('keeps in memory what a full disk does not take, and saves it later', () => {
    const { fs, open } = setUp()
    const index = open()
    index.append(entry(10))
    index.save()
    index.append(entry(20))
    fs.fault = (operation) => (operation === 'write' ? 7 : null)
    expect(() => index.save()).toThrow('only 7 of 34 bytes')
    expect([index.count, index.entry(1), index.checksum()]).toEqual([2, entry(20), null])
    fs.fault = () => null
    index.append(entry(30))
    index.save()
    expect(open().adopt(3, index.checksum() ?? -1)).toBe(true)
    expect(index.entry(2)).toEqual(entry(30))
  })

  it('takes an earlier process at its word only for the same bytes', () => {
    const { fs, open } = setUp()
    const index = open()
    index.append(entry(10))
    index.append(entry(20))
    index.save()
    const checksum = index.checksum() ?? -1
    expect([open().adopt(2, checksum), open().adopt(1, checksum), open().adopt(2, checksum + 1)]).toEqual([
      true,
      false,
      false,
    ])
    fs.unlinkSync('data/0.txnindex')
    expect([open().adopt(2, checksum), open().adopt(0, 0)]).toEqual([false, true])
  })

  it('begins with an empty file, whatever was there', () => {
    const { open } = setUp()
    const old = open()
    for (const lastOffset of [10, 20, 30]) old.append(entry(lastOffset))
    old.save()
    const index = open()
    index.append(entry(40))
    index.save()
    expect(open().adopt(1, index.checksum() ?? -1)).toBe(true)
  })
})
