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
    expect(transactions.abortedWithin(0, 100)).toEqual([])
    transactions.end(1n, 25, true)
    transactions.seen(26)
    expect(transactions.firstUnstable(100)).toBe(20)
    transactions.begin(3n, 26)
    expect(transactions.abortedWithin(0, 100)).toEqual([{ producerId: 1n, firstOffset: 10 }])
  })

  it('that were aborted are told where they overlap, until their records are gone', () => {
    const transactions = new Transactions()
    for (const [id, first, last] of [
      [1n, 0, 9],
      [2n, 5, 12],
      [3n, 20, 25],
    ] as const) {
      transactions.begin(id, first)
      transactions.end(id, last, true)
    }
    const ids = (from: number, to: number) => transactions.abortedWithin(from, to).map(({ producerId }) => producerId)
    expect(ids(0, 30)).toEqual([1n, 2n, 3n])
    expect(ids(9, 20)).toEqual([1n, 2n])
    expect(ids(10, 21)).toEqual([2n, 3n])
    expect(ids(0, 5)).toEqual([1n])
    expect(ids(26, 100)).toEqual([])
    transactions.forgetBefore(13)
    expect(ids(0, 30)).toEqual([3n])
  })
})
