import { zstd } from './zstd.ts'
import { zstdCapacity } from './zstd-capacity.ts'

const capacity = (hex: string) => zstdCapacity(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const FRAME = '28b52ffd'

test('nothing unpacks to nothing', () => {
  expect(capacity('')).toBe(0)
})

test('what our own compressor writes declares its size', () => {
  for (const length of [0, 1, 255, 256, 65_791, 65_792, 300_000]) {
    expect(zstdCapacity(zstd.compress(Buffer.alloc(length, 'ab')))).toBe(length)
  }
})

test.each([
  ['a raw block says its size', `${FRAME} 00 58 19 00 00 616263`, 3],
  ['a repeated byte says how often', `${FRAME} 00 58 03 00 10 61`, 131_072],
  ['a compressed block holds 128 KiB at most', `${FRAME} 00 58 15 00 00 0000`, 131_072],
  ['or what the window holds, where that is less', `${FRAME} 00 00 15 00 00 0000`, 1024],
  ['windows have eighths', `${FRAME} 00 01 15 00 00 0000`, 1152],
  ['a declared size is not trusted beyond the blocks', `${FRAME} a0 ffffff7f 19 00 00 616263`, 3],
  ['blocks are not trusted beyond a declared size', `${FRAME} 20 02 03 00 10 61`, 2],
  ['a dictionary id and a checksum take bytes', `${FRAME} 05 58 77 19 00 00 616263 00000000`, 3],
  [
    'frames add up, skippable ones count nothing',
    `${FRAME} 00 58 19 00 00 616263 502a4d18 02000000 ffff ${FRAME} 00 58 19 00 00 616263`,
    6,
  ],
])('%s', (_, hex, bytes) => {
  expect(capacity(hex)).toBe(bytes)
})

test.each([
  ['no frame', '00000000'],
  ['a magic cut short', '28b52f'],
  ['no descriptor', FRAME],
  ['a block cut short', `${FRAME} 00 58 19 00 00 6162`],
  ['no last block', `${FRAME} 00 58 18 00 00 616263`],
  ['a reserved block type', `${FRAME} 00 58 1f 00 00 616263`],
  ['no checksum where one is announced', `${FRAME} 04 58 19 00 00 616263 0000`],
  ['a skippable frame cut short', '502a4d18 03000000 ffff'],
])('%s is refused', (_, hex) => {
  expect(() => capacity(hex)).toThrow('zstd payload')
})
