import { LeaderEpochs } from './leader-epochs.ts'

function epochsOf(...entries: readonly (readonly [number, number])[]): LeaderEpochs {
  const epochs = new LeaderEpochs()
  for (const [epoch, startOffset] of entries) epochs.assign(epoch, startOffset)
  return epochs
}

describe('leader epochs', () => {
  it('forget an epoch that never had a record', () => {
    expect(epochsOf([1, 0], [2, 5], [3, 5], [5, 9]).toText()).toBe('0\n3\n1 0\n3 5\n5 9\n')
    expect(epochsOf([1, 0], [1, 5], [0, 7]).toText()).toBe('0\n1\n1 0\n')
  })

  it('follow the log when it loses its end or its beginning', () => {
    const epochs = epochsOf([1, 0], [2, 5], [4, 9])
    epochs.truncateEnd(9)
    expect(epochs.latestEpoch).toBe(4)
    epochs.truncateEnd(8)
    expect(epochs.latestEpoch).toBe(2)
    epochs.truncateStart(3)
    expect(epochs.toText()).toBe('0\n2\n1 3\n2 5\n')
    epochs.truncateStart(5)
    expect(epochs.toText()).toBe('0\n1\n2 5\n')
    epochs.truncateStart(50)
    expect(epochs.toText()).toBe('0\n1\n2 50\n')
    expect([epochs.epochAt(49), epochs.epochAt(50)]).toEqual([-1, 2])
  })

  it('say where an epoch ends: where the next begins, or the log does', () => {
    const epochs = epochsOf([1, 0], [2, 5], [4, 9])
    expect([1, 2, 3, 4].map((epoch) => epochs.endOffsetFor(epoch, 12)?.endOffset)).toEqual([5, 9, 9, 12])
    expect([0, 5, -1].map((epoch) => epochs.endOffsetFor(epoch, 12))).toEqual([null, null, null])
  })

  it('are read back as they were written, or not at all', () => {
    const text = '0\n2\n1 0\n2 5\n'
    expect(LeaderEpochs.fromText(text)?.toText()).toBe(text)
    for (const end of [...Array(text.length).keys()]) expect(LeaderEpochs.fromText(text.slice(0, end))).toBeNull()
    for (const bad of [
      '1\n1\n1 0\n',
      '0\n1\n1 0\n2 5\n',
      '0\n2\n2 5\n1 9\n',
      '0\n2\n1 5\n2 5\n',
      '0\n1\n1 0 3\n',
      '0\n1\n-1 0\n',
    ]) {
      expect([bad, LeaderEpochs.fromText(bad)]).toEqual([bad, null])
    }
  })
})
