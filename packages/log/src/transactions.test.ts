import { Transactions } from './transactions.ts'

describe('transactions', () => {
  it('hold the last stable offset until consumers can see their end', () => {
    const transactions = new Transactions()
    transactions.begin(1n, 10)
    transactions.begin(2n, 20)
    expect(transactions.firstUnstable(100)).toBe(10)
    transactions.end(1n, 30, false)
    expect(transactions.firstUnstable(100)).toBe(10)
    transactions.seen(30)
    expect(transactions.firstUnstable(100)).toBe(10)
    transactions.seen(31)
    expect(transactions.firstUnstable(100)).toBe(20)
    transactions.end(2n, 31, true)
    transactions.seen(32)
    expect(transactions.firstUnstable(100)).toBe(100)
  })

  it('go back with the records that began or ended them', () => {
    const transactions = new Transactions()
    transactions.begin(1n, 10)
    transactions.begin(2n, 20)
    transactions.seen(25)
    transactions.end(1n, 25, true)
    transactions.begin(3n, 26)
    transactions.truncate(25)
    expect(transactions.firstUnstable(100)).toBe(10)
    expect(transactions.takeAborted()).toEqual([])
    transactions.end(1n, 25, true)
    transactions.seen(26)
    expect(transactions.firstUnstable(100)).toBe(20)
    transactions.begin(3n, 26)
    expect(transactions.takeAborted()).toEqual([
      { producerId: 1n, firstOffset: 10, lastOffset: 25, lastStableOffset: 20 },
    ])
  })

  it('that were aborted are handed over once, with what was undecided after each', () => {
    const transactions = new Transactions()
    transactions.begin(1n, 0)
    transactions.begin(2n, 5)
    transactions.begin(3n, 7)
    transactions.end(1n, 9, true)
    transactions.end(3n, 12, false)
    transactions.end(2n, 13, true)
    expect(transactions.takeAborted()).toEqual([
      { producerId: 1n, firstOffset: 0, lastOffset: 9, lastStableOffset: 5 },
      { producerId: 2n, firstOffset: 5, lastOffset: 13, lastStableOffset: 14 },
    ])
    expect(transactions.takeAborted()).toEqual([])
  })
})
