import type { FileHandle } from '@odradek/core'
import { MemoryFs } from '@odradek/log'

type Method = (...args: unknown[]) => unknown

const TYPED_ARRAY: object = Object.getPrototypeOf(Uint8Array.prototype)

const sizeOf = (value: unknown): number => (ArrayBuffer.isView(value) ? value.byteLength : 0)

/** Every way in which JavaScript copies bytes from one buffer to another, and how many a call has copied. */
const COPIES: readonly (readonly [owner: object, name: string, bytes: (args: unknown[], result: unknown) => number])[] =
  [
    [TYPED_ARRAY, 'set', ([source]) => sizeOf(source)],
    [TYPED_ARRAY, 'slice', (_, result) => sizeOf(result)],
    [Buffer.prototype, 'copy', (_, result) => Number(result)],
    [Buffer, 'concat', (_, result) => sizeOf(result)],
    [Buffer, 'from', ([source], result) => (ArrayBuffer.isView(source) ? sizeOf(result) : 0)],
    [Object.getPrototypeOf(Uint8Array), 'from', (_, result) => sizeOf(result)],
    [TYPED_ARRAY, 'copyWithin', (_, result) => sizeOf(result)],
    [ArrayBuffer.prototype, 'slice', (_, result) => Number(Reflect.get(Object(result), 'byteLength'))],
    [globalThis, 'structuredClone', (_, result) => sizeOf(result)],
  ]

const isMethod = (value: unknown): value is Method => typeof value === 'function'

/**
 * Counts bytes that are copied from buffer to buffer while it is on, wherever in the process: what is measured has no counter
 * of its own and pays for none.
 */
export class CopyMeter {
  bytes = 0
  private paused = 0
  private readonly undo: (() => void)[] = []

  on(): void {
    for (const [owner, name, bytesOf] of COPIES) {
      const original: unknown = Reflect.get(owner, name)
      const own = Object.getOwnPropertyDescriptor(owner, name)
      if (!isMethod(original) || own === undefined) throw new Error(`${name} is no method`)
      const meter = this
      const counting = function (this: unknown, ...args: unknown[]): unknown {
        // What one of them does by means of another is one copy.
        const result = meter.without(() => Reflect.apply(original, this, args))
        if (meter.paused === 0) meter.bytes += bytesOf(args, result)
        return result
      }
      Object.defineProperty(owner, name, { ...own, value: counting })
      this.undo.push(() => Object.defineProperty(owner, name, own))
    }
    this.watchConstructor()
  }

  /** `new Uint8Array(view)` copies, `new Uint8Array(buffer, start, length)` does not. */
  private watchConstructor(): void {
    const original = globalThis.Uint8Array
    const meter = this
    globalThis.Uint8Array = new Proxy(original, {
      construct(target, args: unknown[], newTarget) {
        const made: object = meter.without(() => Reflect.construct(target, args, newTarget))
        if (meter.paused === 0 && ArrayBuffer.isView(args[0])) meter.bytes += sizeOf(made)
        return made
      },
    })
    this.undo.push(() => {
      globalThis.Uint8Array = original
    })
  }

  off(): void {
    for (const undo of this.undo.splice(0)) undo()
  }

  /** What `work` copies does not count: it is the disk. */
  without<Result>(work: () => Result): Result {
    this.paused++
    try {
      return work()
    } finally {
      this.paused--
    }
  }
}

/** One write to the file of a partition's records. */
export interface LogWrite {
  readonly path: string
  readonly turn: number
  readonly bytes: number
}

/** A disk that tells what is written to logs and read from them, and in which turn of the event loop. */
export class WatchedDisk extends MemoryFs {
  readonly writes: LogWrite[] = []
  readBytes = 0
  /** As if somebody wrote piece by piece. */
  writesInHalves = false
  private readonly meter: CopyMeter
  private turn = 0
  private turning: NodeJS.Immediate | null = null

  constructor(meter: CopyMeter) {
    super()
    this.meter = meter
  }

  /** Counts turns until `stop`: the end of one is when what `Clock.soon` was given runs. */
  watchTurns(): void {
    this.turning = setImmediate(() => {
      this.turn++
      this.watchTurns()
    })
  }

  stop(): void {
    if (this.turning !== null) clearImmediate(this.turning)
  }

  /** The most writes that one log had in one turn. */
  writesInOneTurn(): number {
    const counts = new Map<string, number>()
    for (const { path, turn } of this.writes) counts.set(`${path} ${turn}`, (counts.get(`${path} ${turn}`) ?? 0) + 1)
    return Math.max(0, ...counts.values())
  }

  override openSync(path: string, mode: 'read' | 'append' | 'create'): FileHandle {
    const handle = super.openSync(path, mode)
    return path.endsWith('.log') ? this.watched(handle) : handle
  }

  private watched(handle: FileHandle): FileHandle {
    const { meter } = this
    return {
      path: handle.path,
      size: () => handle.size(),
      readSync: (...args) => this.read(meter.without(() => handle.readSync(...args))),
      read: async (...args) => this.read(meter.without(() => handle.readSync(...args))),
      writeSync: (buffers, position) => {
        if (!this.writesInHalves) return this.write(handle, buffers, position)
        const whole = meter.without(() => Buffer.concat(buffers))
        const half = whole.length >> 1
        const first = this.write(handle, [whole.subarray(0, half)], position)
        return first + this.write(handle, [whole.subarray(half)], position + first)
      },
      datasync: () => handle.datasync(),
      truncateSync: (size) => handle.truncateSync(size),
      closeSync: () => handle.closeSync(),
    }
  }

  private write(handle: FileHandle, buffers: readonly Uint8Array[], position: number): number {
    const bytes = this.meter.without(() => handle.writeSync(buffers, position))
    this.writes.push({ path: handle.path, turn: this.turn, bytes })
    return bytes
  }

  private read(bytes: number): number {
    this.readBytes += bytes
    return bytes
  }
}
