import { decodeLogFacts, encodeLogFacts, type LogFacts, type SegmentFacts } from './log-facts.ts'

const SEGMENT: SegmentFacts = {
  baseOffset: 2 ** 40,
  sizeBytes: 2_147_483_647,
  endOffset: 2 ** 40 + 2 ** 31,
  maxTimestamp: -1n,
  maxTimestampLastOffset: 2 ** 40,
  firstTimestamp: null,
  verifiedBytes: 7,
  bytesSinceIndexEntry: 4097,
  writtenMs: 1_700_000_000_000.5,
  offsetEntries: 1,
  offsetChecksum: 0xffff_ffff,
  timeEntries: 2,
  timeChecksum: 0x8000_0000,
  abortedEntries: 3,
  abortedChecksum: 1,
}
const FACTS: LogFacts = {
  startOffset: 77,
  epochs: [
    { epoch: 0, startOffset: 77 },
    { epoch: 2_147_483_647, startOffset: 2 ** 50 },
  ],
  denseFrom: 78,
  knownEnd: 2 ** 51,
  segments: [SEGMENT, { ...SEGMENT, maxTimestamp: 2n ** 62n, firstTimestamp: -1n, writtenMs: null }],
}

describe('what is known of a log', () => {
  it('comes back as it was', () => {
    for (const facts of [FACTS, { startOffset: 0, epochs: [], denseFrom: 0, knownEnd: 0, segments: [] }]) {
      expect(decodeLogFacts(encodeLogFacts(facts))).toEqual(facts)
    }
  })

  it('is nothing at all once it was changed or cut anywhere', () => {
    const bytes = encodeLogFacts(FACTS)
    for (let at = 0; at < bytes.byteLength; at++) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1 << (at % 8)
      expect([at, decodeLogFacts(changed)]).toEqual([at, null])
      expect([at, decodeLogFacts(bytes.subarray(0, at))]).toEqual([at, null])
    }
  })
})
