import { timestamp } from '@odradek/core'
import { buildBatch } from '@odradek/records'
import { CUT_OFF, normalize } from './normalize.ts'
import { differences } from './transcript.ts'

const BATCH = buildBatch({ records: [{ timestamp: timestamp(0n), key: null, value: Buffer.from('a') }] })
const MESSAGE = Buffer.from('00000000000000000000000f51df3a320000ffffffff0000000161', 'hex')

const normalized = (records: Uint8Array) => normalize([{ api: 'Fetch', version: 4, answer: { records } }], '')

describe.each([
  ['batches', BATCH],
  ['messages of the formats of old', MESSAGE],
])('of %s', (_, bytes) => {
  test.each([bytes.length - 1, 17, 5])('the first %i bytes of another one are told from none', (partBytes) => {
    const part = Buffer.concat([bytes, bytes.subarray(0, partBytes)])
    expect(differences([...normalized(bytes)], [...normalized(part)])).toEqual([
      { path: '0.answer.records.1', expected: undefined, got: CUT_OFF },
    ])
  })

  test('a whole one more is another difference', () => {
    const [found] = differences([...normalized(bytes)], [...normalized(Buffer.concat([bytes, bytes]))])
    expect(found?.got).not.toBe(CUT_OFF)
    expect(found?.path).toBe('0.answer.records.1')
  })
})
