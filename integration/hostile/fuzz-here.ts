import { LoginFuzz } from '@odradek/broker/login-fuzz-fixture'
import { RequestFuzz } from '@odradek/broker/request-fuzz-fixture'
import { type Prng, SeededPrng } from '@odradek/core'
import { FileFuzz } from '@odradek/log/file-fuzz-fixture'
import { BatchFuzz } from '@odradek/records/batch-fuzz-fixture'
import type { FrameFuzz } from './fuzz-frames.ts'

/** What takes its inputs in this process, without a socket. */
export const HERE_KINDS = ['requests here', 'logins here', 'batches', 'files'] as const

export type HereKind = (typeof HERE_KINDS)[number]

/** What the log says of our own faults; that an internal topic was deleted is none. */
export const BUG = /failed by a bug|could not be answered/
/** Work between two looks at what else there is. */
const SLICE_MS = 10

/** Inputs of all kinds, one after the other; the first that is a bug ends it. */
export class FuzzHere {
  private readonly requests: RequestFuzz
  private readonly takers: Readonly<Record<HereKind, () => void | Promise<void>>>
  /** The longest that one input held the loop. */
  heldMs = 0

  private constructor(requests: RequestFuzz, takers: FuzzHere['takers']) {
    this.requests = requests
    this.takers = takers
  }

  static async open(
    seed: number,
    settings: Readonly<Record<string, string>>,
    frames: (prng: Prng) => FrameFuzz,
  ): Promise<FuzzHere> {
    const requests = await RequestFuzz.open(seed, settings)
    const fuzz = frames(new SeededPrng(seed))
    const logins = await LoginFuzz.open(new SeededPrng(seed))
    const batches = new BatchFuzz(new SeededPrng(seed))
    const files = await FileFuzz.open(new SeededPrng(seed))
    const choice = new SeededPrng(seed)
    return new FuzzHere(requests, {
      'requests here': () => {
        const frame = fuzz.next()
        const size = 4
        try {
          requests.take(frame.subarray(size))
        } catch (error) {
          throw new Error(`${frame.toString('hex')}: ${error instanceof Error ? error.stack : String(error)}`)
        }
      },
      'logins here': () => logins.login(),
      batches: () => (choice.below(3) === 0 ? batches.changedInside() : batches.changed()),
      files: () => files.start(),
    })
  }

  /** Until each kind has had so many. */
  async run(
    wanted: ReadonlyMap<HereKind, number>,
    count: (kind: HereKind, inputs: number) => void,
    isOver: () => boolean,
  ): Promise<void> {
    const left = new Map(wanted)
    while (left.size > 0 && !isOver()) {
      for (const [kind, inputs] of left) {
        const taken = await this.slice(kind, inputs)
        count(kind, taken)
        if (taken === inputs) left.delete(kind)
        else left.set(kind, inputs - taken)
        await new Promise((resolve) => setImmediate(resolve))
        const bug = this.requests.takeLog().find((line) => BUG.test(line))
        if (bug !== undefined) throw new Error(`logged as an error: ${bug}`)
      }
    }
  }

  close(): Promise<void> {
    return this.requests.broker.close()
  }

  private async slice(kind: HereKind, inputsMax: number): Promise<number> {
    const begunMs = performance.now()
    const begun = process.cpuUsage()
    let beforeMs = begunMs
    for (let inputs = 1; ; inputs++) {
      const taken = this.takers[kind]()
      if (taken instanceof Promise) await taken
      const nowMs = performance.now()
      // On a busy machine others take time in between: what counts is what this process has used.
      if (nowMs - beforeMs > this.heldMs) {
        const { user, system } = process.cpuUsage(begun)
        this.heldMs = Math.max(this.heldMs, Math.min(nowMs - beforeMs, (user + system) / 1000))
      }
      beforeMs = nowMs
      if (inputs === inputsMax || nowMs - begunMs > SLICE_MS) return inputs
    }
  }
}
