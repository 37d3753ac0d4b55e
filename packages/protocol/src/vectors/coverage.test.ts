import { apis } from '../generated/apis.ts'
import { packedLines } from './packed.ts'
import { VectorLine } from './vector-line.ts'

const seen = new Set(
  packedLines('messages').map((text) => {
    const line = new VectorLine(text)
    return `${line.number('key')} ${line.text('api')} ${line.text('kind')} v${line.number('version')}`
  }),
)

test('every version of every message that has a codec has a vector, and the other way round', () => {
  const known = apis.flatMap(({ key, name, versions }) =>
    ['request', 'response'].flatMap((kind) =>
      Array.from(
        { length: versions.max - versions.min + 1 },
        (_, step) => `${key} ${name} ${kind} v${versions.min + step}`,
      ),
    ),
  )
  expect(known.filter((version) => !seen.has(version))).toEqual([])
  expect(seen.size).toBe(known.length)
})
