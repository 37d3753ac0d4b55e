import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Prng } from '@odradek/core'
import type { Against, BrokerUnderTest } from './broker-under-test.ts'
import type { CuttingProxy } from './cutting-proxy.ts'

const QUIET_MS_MIN = 150
const QUIET_MS_RANGE = 700
const PAUSE_MS_MAX = 1500
const LOSING_MS_MAX = 60
const FULL_MS_MAX = 400
const FILLING_BYTES = 1024 * 1024
/** Enough to leave no room for a batch, and few enough that filling takes no time. */
const LAST_FILLING_BYTES = 64

type Kind = 'kill' | 'pause' | 'cut-all' | 'cut-one' | 'lose-answers' | 'fill-disk'

/** How often each comes. A Java process needs seconds to be back: it would be away most of the time. */
const WEIGHTS: Readonly<Record<Against, readonly (readonly [Kind, number])[]>> = {
  odradek: [
    ['kill', 5],
    ['pause', 2],
    ['cut-all', 3],
    ['cut-one', 4],
    ['lose-answers', 6],
  ],
  kafka: [
    ['kill', 1],
    ['pause', 2],
    ['cut-all', 3],
    ['cut-one', 4],
    ['lose-answers', 6],
  ],
}

const FILL_WEIGHT = ['fill-disk', 10] as const

export interface DisturbanceOptions {
  readonly broker: BrokerUnderTest
  readonly proxy: CuttingProxy
  readonly prng: Prng
  readonly against: Against
  /** A directory of the small file system that the broker's data is on, which may be filled for a while. */
  readonly smallDisk?: string
}

/** Kills, stops and cuts, one after the other, with a little quiet in between. */
export class Disturbance {
  readonly counts = new Map<Kind, number>()
  private readonly options: DisturbanceOptions

  constructor(options: DisturbanceOptions) {
    this.options = options
  }

  /** At the end the broker runs. */
  async disturb(ms: number): Promise<void> {
    const { prng } = this.options
    const end = performance.now() + ms
    while (performance.now() < end) {
      await wait(QUIET_MS_MIN + prng.below(QUIET_MS_RANGE))
      const kind = this.choose()
      this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
      await this.do(kind)
    }
  }

  private async fillDisk(): Promise<void> {
    const { prng, smallDisk } = this.options
    if (smallDisk === undefined) throw new Error('there is no small disk')
    const files = filled(smallDisk)
    await wait(prng.below(FULL_MS_MAX))
    for (const file of files) rmSync(file)
  }

  private choose(): Kind {
    const { prng, against, smallDisk } = this.options
    const weights = smallDisk === undefined ? WEIGHTS[against] : [...WEIGHTS[against], FILL_WEIGHT]
    let rest = prng.below(weights.reduce((sum, [, weight]) => sum + weight, 0))
    for (const [kind, weight] of weights) {
      rest -= weight
      if (rest < 0) return kind
    }
    throw new Error('weights do not add up')
  }

  private async do(kind: Kind): Promise<void> {
    const { broker, proxy, prng } = this.options
    switch (kind) {
      case 'kill':
        await broker.kill()
        return broker.start()
      case 'pause':
        process.kill(broker.pid, 'SIGSTOP')
        await wait(prng.below(PAUSE_MS_MAX))
        process.kill(broker.pid, 'SIGCONT')
        return
      case 'cut-all':
        return proxy.cutAll()
      case 'cut-one':
        return proxy.cutOne(prng)
      case 'lose-answers':
        return proxy.loseAnswers(1 + prng.below(LOSING_MS_MAX))
      case 'fill-disk':
        return this.fillDisk()
    }
  }
}

/** Until not a byte more fits. @returns the files that it takes */
function filled(directory: string): string[] {
  const files: string[] = []
  for (let bytes = FILLING_BYTES; bytes >= LAST_FILLING_BYTES; bytes /= 2) {
    try {
      for (;;) {
        const path = join(directory, `filling-${files.length}`)
        files.push(path)
        writeFileSync(path, Buffer.alloc(bytes))
      }
    } catch {
      // So many bytes do not fit any more.
    }
  }
  return files
}

const wait = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms))
