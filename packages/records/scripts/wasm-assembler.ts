/** Just enough of a WebAssembly assembler for one module: bytes of instructions and sections, by their numbers in the specification. */

export type Code = readonly number[]

const CONTINUES = 0x80

function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= CONTINUES) {
    bytes.push((rest & 0x7f) | CONTINUES)
    rest >>>= 7
  }
  return [...bytes, rest]
}

function signed(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low]
    bytes.push(low | CONTINUES)
  }
}

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number): Code => [0x21, ...unsigned(local)]
export const constant = (value: number): Code => [0x41, ...signed(value)]

/** Loads and stores take the alignment as a power of two (a hint, kept at 0) and a constant offset. */
export const load32 = (offset: number): Code => [0x28, 0, ...unsigned(offset)]
export const load8 = (offset: number): Code => [0x2d, 0, ...unsigned(offset)]
export const store32 = (offset: number): Code => [0x36, 0, ...unsigned(offset)]
export const loadVector = (offset: number): Code => [0xfd, 0, 0, ...unsigned(offset)]
export const storeVector = (offset: number): Code => [0xfd, 11, 0, ...unsigned(offset)]
export const xorVector: Code = [0xfd, 81]

export const geUnsigned: Code = [0x4f]
export const ltUnsigned: Code = [0x49]
export const add: Code = [0x6a]
export const sub: Code = [0x6b]
export const and: Code = [0x71]
export const xor: Code = [0x73]
export const shiftLeft: Code = [0x74]
export const shiftRight: Code = [0x76]
export const drop: Code = [0x1a]
export const select: Code = [0x1b]
export const copyMemory: Code = [0xfc, 10, 0, 0]
export const fillMemory: Code = [0xfc, 11, 0]
export const call = (index: number): Code => [0x10, ...unsigned(index)]

const NO_RESULT = 0x40
const END = 0x0b

export const when = (condition: Code, body: Code): Code => [...condition, 0x04, NO_RESULT, ...body, END]
/** Runs `body` while `condition` holds. */
export const loop = (condition: Code, body: Code): Code => [
  ...[0x03, NO_RESULT],
  ...when(condition, [...body, 0x0c, 1]),
  END,
]

const section = (id: number, body: Code): number[] => [id, ...unsigned(body.length), ...body]
const text = (value: string): number[] => [...unsigned(value.length), ...Buffer.from(value)]

export interface WasmFunction {
  /** All i32. */
  readonly parameters: number
  readonly locals: number
  readonly body: Code
}

const I32 = 0x7f

/** A module with a memory imported as `env.memory` and functions from i32s to one i32, the last exported as `exported`. */
export function assemble(functions: readonly WasmFunction[], exported: string): Uint8Array {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...unsigned(parameters),
    ...Array<number>(parameters).fill(I32),
    1,
    I32,
  ])
  const codes = functions.map(({ locals, body }) => {
    const code = [1, ...unsigned(locals), I32, ...body, END]
    return [...unsigned(code.length), ...code]
  })
  const count = unsigned(functions.length)
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [...count, ...types.flat()]),
    ...section(2, [1, ...text('env'), ...text('memory'), 2, 0, 1]),
    ...section(3, [...count, ...functions.map((_, index) => index)]),
    ...section(7, [1, ...text(exported), 0, ...unsigned(functions.length - 1)]),
    ...section(10, [...count, ...codes.flat()]),
  ])
}
