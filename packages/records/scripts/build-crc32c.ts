/**
 * Writes src/crc32c-module.ts: the WebAssembly that computes CRC-32C, as base64.
 *
 *     npx tsx packages/records/scripts/build-crc32c.ts
 *
 * The method (after Russell, "Chorba", arXiv 2412.16398): x^209 + x^144 + x^54 + x^39 + x^14 + 1 is a multiple of the
 * Castagnoli polynomial, and so is its image under x -> x^128. Hence blocks of 16 bytes can be folded into later ones
 * with five XORs and no multiplication:
 *
 *     v[i] = M[i] ^ v[i-65] ^ v[i-155] ^ v[i-170] ^ v[i-195] ^ v[i-209]
 *
 * with the checksum so far in the low lane of v[-209]. Of the last 209 blocks, which take only the terms that refer to
 * folded ones, the ordinary table method makes the checksum.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  BLOCK_BYTES,
  CHUNK_BLOCKS,
  FOLD_BYTES_MIN,
  HISTORY_AT,
  HISTORY_BLOCKS,
  REMAINDER_AT,
  TABLES,
} from '../src/crc32c-layout.ts'
import {
  add,
  and,
  assemble,
  type Code,
  call,
  constant,
  copyMemory,
  fillMemory,
  get,
  geUnsigned,
  load8,
  load32,
  loadVector,
  loop,
  ltUnsigned,
  select,
  set,
  shiftLeft,
  shiftRight,
  store32,
  storeVector,
  sub,
  type WasmFunction,
  when,
  xor,
  xorVector,
} from './wasm-assembler.ts'

const HISTORY_BYTES = HISTORY_BLOCKS * BLOCK_BYTES
const DISTANCES = [65, 155, 170, 195, 209]
const UNROLLED = 8

/** The table value for byte `shift` bits up in the word on the stack, from table `table`. */
const lookup = (word: Code, shift: number, table: number): Code => [
  ...word,
  ...(shift === 0 ? [] : [...constant(shift), ...shiftRight]),
  ...(shift === 24 ? [] : [...constant(255), ...and]),
  ...[...constant(2), ...shiftLeft],
  ...load32(table * 1024),
]

/** (pointer, length, checksum) -> checksum: slicing by 16, then byte by byte. */
function sliced(): WasmFunction {
  const [pointer, length, checksum, word] = [0, 1, 2, 3]
  const sixteen: Code = [0, 1, 2, 3].flatMap((index) => [
    ...[...get(pointer), ...load32(index * 4)],
    ...(index === 0 ? [...get(checksum), ...xor] : []),
    ...set(word + index),
  ])
  const folded: Code = Array.from({ length: TABLES }, (_, index) => [
    ...lookup(get(word + (index >> 2)), (index & 3) * 8, TABLES - 1 - index),
    ...(index === 0 ? [] : xor),
  ]).flat()
  const move = (by: number): Code => [
    ...[...get(pointer), ...constant(by), ...add, ...set(pointer)],
    ...[...get(length), ...constant(by), ...sub, ...set(length)],
  ]
  return {
    parameters: 3,
    locals: 4,
    body: [
      ...loop([...get(length), ...constant(16), ...geUnsigned], [...sixteen, ...folded, ...set(checksum), ...move(16)]),
      ...loop(get(length), [
        ...lookup([...get(checksum), ...get(pointer), ...load8(0), ...xor], 0, 0),
        ...[...get(checksum), ...constant(8), ...shiftRight, ...xor, ...set(checksum)],
        ...move(1),
      ]),
      ...get(checksum),
    ],
  }
}

/** v[i] for the block at `pointer`, `ahead` blocks on; `history` points at v[i - 209]. */
const foldedBlock = (pointer: number, history: number, ahead: number): Code => [
  ...[...get(pointer), ...loadVector(ahead * BLOCK_BYTES)],
  ...DISTANCES.flatMap((distance) => [
    ...[...get(history), ...loadVector((HISTORY_BLOCKS - distance + ahead) * BLOCK_BYTES)],
    ...xorVector,
  ]),
]

/** (pointer, length, checksum) -> checksum: folds what is long enough. */
function folding(slicedIndex: number): WasmFunction {
  const [pointer, length, checksum, blocks, history, left] = [0, 1, 2, 3, 4, 5]
  const step = (count: number, counter: number, storeAt: (ahead: number) => Code): Code => [
    ...Array.from({ length: count }, (_, ahead) => [
      ...get(history),
      ...foldedBlock(pointer, history, ahead),
      ...storeAt(ahead),
    ]).flat(),
    ...[...get(pointer), ...constant(count * BLOCK_BYTES), ...add, ...set(pointer)],
    ...[...get(history), ...constant(count * BLOCK_BYTES), ...add, ...set(history)],
    ...[...get(counter), ...constant(count), ...sub, ...set(counter)],
  ]
  const intoHistory = (ahead: number): Code => storeVector(HISTORY_BYTES + ahead * BLOCK_BYTES)
  const intoRemainder = (ahead: number): Code => storeVector(REMAINDER_AT - HISTORY_AT + ahead * BLOCK_BYTES)
  const chunk: Code = [
    ...[...get(blocks), ...constant(CHUNK_BLOCKS)],
    ...[...get(blocks), ...constant(CHUNK_BLOCKS), ...ltUnsigned, ...select, ...set(left)],
    ...[...get(blocks), ...get(left), ...sub, ...set(blocks)],
    ...[...constant(HISTORY_AT), ...set(history)],
    ...loop([...get(left), ...constant(UNROLLED), ...geUnsigned], step(UNROLLED, left, intoHistory)),
    ...loop(get(left), step(1, left, intoHistory)),
    ...[...constant(HISTORY_AT), ...get(history), ...constant(HISTORY_BYTES), ...copyMemory],
  ]
  const fold: Code = [
    ...[...constant(HISTORY_AT), ...constant(0), ...constant(HISTORY_BYTES), ...fillMemory],
    ...[...constant(HISTORY_AT), ...get(checksum), ...store32(0)],
    ...[...get(length), ...constant(4), ...shiftRight, ...constant(HISTORY_BLOCKS), ...sub, ...set(blocks)],
    ...loop(get(blocks), chunk),
    ...[...constant(HISTORY_AT + HISTORY_BYTES), ...constant(0), ...constant(HISTORY_BYTES), ...fillMemory],
    ...[...constant(HISTORY_AT), ...set(history), ...constant(HISTORY_BLOCKS), ...set(left)],
    ...loop(get(left), step(1, left, intoRemainder)),
    ...[...constant(REMAINDER_AT), ...constant(HISTORY_BYTES), ...constant(0), ...call(slicedIndex), ...set(checksum)],
    ...[...get(length), ...constant(BLOCK_BYTES - 1), ...and, ...set(length)],
  ]
  return {
    parameters: 3,
    locals: 3,
    body: [
      ...when([...get(length), ...constant(FOLD_BYTES_MIN), ...geUnsigned], fold),
      ...[...get(pointer), ...get(length), ...get(checksum), ...call(slicedIndex)],
    ],
  }
}

const module = assemble([sliced(), folding(0)], 'update')
const target = fileURLToPath(new URL('../src/crc32c-module.ts', import.meta.url))
const base64 = Buffer.from(module).toString('base64')
const lines = base64.match(/.{1,110}/g) ?? []
writeFileSync(
  target,
  `/** ${module.length} bytes of WebAssembly, written by scripts/build-crc32c.ts: edit that, then run it. */
export const CRC32C_MODULE_BASE64 = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('')
`,
)
console.log(`${target}: ${module.length} bytes`)
