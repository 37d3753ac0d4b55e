/**
 * Writes src/crc32c-module.ts: the WebAssembly that computes CRC-32C, as base64.
 *
 *     npx tsx packages/records/scripts/build-crc32c.ts
 *
 * The method (after Russell, "Chorba", arXiv 2412.16398): x^209 + x^144 + x^54 + x^39 + x^14 + 1 is a multiple of the
 * Castagnoli polynomial, and so are its images under x -> x^8, x^16, ... x^128. Hence units of 1, 2, ... 16 bytes can be
 * folded into later ones with five XORs and no multiplication:
 *
 *     v[i] = M[i] ^ v[i-65] ^ v[i-155] ^ v[i-170] ^ v[i-195] ^ v[i-209]
 *
 * with the checksum so far in the first word of v[-209]; no term is nearer than 16 bytes, so that 16 bytes are folded at
 * once whatever the unit. The last 209 units take only the terms that refer to folded ones and are what is left over: in
 * units of 16 bytes 3344 bytes, of which a second pass in units of 2 leaves 432, and of these the ordinary table method makes
 * the checksum.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  CHUNK_VECTORS,
  FARTHEST,
  FOLD_STAGES,
  type FoldStage,
  HISTORY_AT,
  HISTORY_BYTES,
  remainderBytes,
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
  drop,
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

const VECTOR_BYTES = 16
const DISTANCES = [65, 155, 170, 195, FARTHEST]
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

/** The vector at `pointer`, `ahead` vectors on, and what is folded into it; `history` points `HISTORY_BYTES` before its place. */
const foldedVector = (unitBytes: number, pointer: number, history: number, ahead: number): Code => [
  ...[...get(pointer), ...loadVector(ahead * VECTOR_BYTES)],
  ...DISTANCES.flatMap((distance) => [
    ...[...get(history), ...loadVector(HISTORY_BYTES - distance * unitBytes + ahead * VECTOR_BYTES)],
    ...xorVector,
  ]),
]

/** (pointer, length, checksum) -> nothing: folds whole vectors, all but the last `remainderBytes(unitBytes)`, which go to `remainderAt`. */
function folding({ unitBytes, remainderAt }: FoldStage): WasmFunction {
  const [pointer, length, checksum, vectors, history, left] = [0, 1, 2, 3, 4, 5]
  const keptBytes = remainderBytes(unitBytes)
  const reachBytes = FARTHEST * unitBytes
  const firstAt = HISTORY_AT + HISTORY_BYTES - reachBytes
  const step = (count: number, counter: number, storeAt: (ahead: number) => Code): Code => [
    ...Array.from({ length: count }, (_, ahead) => [
      ...get(history),
      ...foldedVector(unitBytes, pointer, history, ahead),
      ...storeAt(ahead),
    ]).flat(),
    ...[...get(pointer), ...constant(count * VECTOR_BYTES), ...add, ...set(pointer)],
    ...[...get(history), ...constant(count * VECTOR_BYTES), ...add, ...set(history)],
    ...[...get(counter), ...constant(count), ...sub, ...set(counter)],
  ]
  const intoHistory = (ahead: number): Code => storeVector(HISTORY_BYTES + ahead * VECTOR_BYTES)
  const chunk: Code = [
    ...[...get(vectors), ...constant(CHUNK_VECTORS)],
    ...[...get(vectors), ...constant(CHUNK_VECTORS), ...ltUnsigned, ...select, ...set(left)],
    ...[...get(vectors), ...get(left), ...sub, ...set(vectors)],
    ...[...constant(HISTORY_AT), ...set(history)],
    ...loop([...get(left), ...constant(UNROLLED), ...geUnsigned], step(UNROLLED, left, intoHistory)),
    ...loop(get(left), step(1, left, intoHistory)),
    // The last of what is folded, to the front of the next chunk; zeros behind it, where nothing is folded.
    ...[
      ...constant(firstAt),
      ...get(history),
      ...constant(firstAt - HISTORY_AT),
      ...add,
      ...constant(reachBytes),
      ...copyMemory,
    ],
  ]
  const ofRemainder = (ahead: number): Code => storeVector(remainderAt - HISTORY_AT + ahead * VECTOR_BYTES)
  return {
    parameters: 3,
    locals: 3,
    body: [
      ...[...constant(firstAt), ...constant(0), ...constant(reachBytes), ...fillMemory],
      ...[...constant(firstAt), ...get(checksum), ...store32(0)],
      ...[
        ...get(length),
        ...constant(4),
        ...shiftRight,
        ...constant(keptBytes / VECTOR_BYTES),
        ...sub,
        ...set(vectors),
      ],
      ...loop(get(vectors), chunk),
      ...[...constant(HISTORY_AT + HISTORY_BYTES), ...constant(0), ...constant(keptBytes), ...fillMemory],
      ...[...constant(HISTORY_AT), ...set(history), ...constant(keptBytes / VECTOR_BYTES), ...set(left)],
      ...loop(get(left), step(1, left, ofRemainder)),
      ...get(checksum),
    ],
  }
}

/** (pointer, length, checksum) -> checksum: what is long enough goes through the stages, each making it shorter. */
function staged(slicedIndex: number, stageIndexes: readonly number[]): WasmFunction {
  const [pointer, length, checksum, end, tail] = [0, 1, 2, 3, 4]
  const stages = FOLD_STAGES.flatMap(({ bytesMin, unitBytes, remainderAt }, index) =>
    when(
      [...get(length), ...constant(bytesMin), ...geUnsigned],
      [
        ...[...get(pointer), ...get(length), ...get(checksum), ...call(stageIndexes[index] ?? 0), ...drop],
        ...[...constant(remainderAt), ...set(pointer)],
        ...[...constant(remainderBytes(unitBytes)), ...set(length)],
        ...[...constant(0), ...set(checksum)],
      ],
    ),
  )
  return {
    parameters: 3,
    locals: 2,
    body: [
      // The bytes behind the last whole vector are no part of any stage.
      ...[...get(pointer), ...get(length), ...add, ...set(end)],
      ...[...get(length), ...constant(VECTOR_BYTES - 1), ...and, ...set(tail)],
      ...[...get(length), ...get(tail), ...sub, ...set(length)],
      ...stages,
      ...[...get(pointer), ...get(length), ...get(checksum), ...call(slicedIndex), ...set(checksum)],
      ...[...get(end), ...get(tail), ...sub, ...get(tail), ...get(checksum), ...call(slicedIndex)],
    ],
  }
}

const stageIndexes = FOLD_STAGES.map((_, index) => index + 1)
const module = assemble([sliced(), ...FOLD_STAGES.map(folding), staged(0, stageIndexes)], 'update')
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
