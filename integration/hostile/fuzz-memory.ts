import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { megabytes } from './flood.ts'
import type { Watched, WatchedBroker } from './watched-broker.ts'

/** Of the inputs, before memory is looked at for the first time. */
const WARM_UP_SHARE = 0.1
const GROWN_BYTES_MAX = 64_000_000
/** What was freed goes back to the system a moment later. */
const SETTLE_MS = 5000

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** What two processes hold after the first inputs and after the last: the broker's, and this one, which takes inputs too. */
export class FuzzMemory {
  private readonly broker: WatchedBroker
  private first: { readonly broker: number; readonly here: number } | null = null

  constructor(broker: WatchedBroker) {
    this.broker = broker
  }

  /** `share`: how much is done. */
  async look(share: number): Promise<Watched> {
    if (this.first !== null || share < WARM_UP_SHARE) return this.broker.quick()
    const watched = await this.broker.reset()
    this.first = { broker: watched.rssBytes, here: heapHere() }
    return watched
  }

  /** What is wrong. */
  async end(): Promise<string[]> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    await this.broker.reset()
    const { rssBytes } = await this.broker.reset()
    const here = heapHere()
    const first = this.first ?? { broker: rssBytes, here }
    return [
      ...grown('broker', first.broker, rssBytes),
      // Its resident memory is mostly that of making inputs; what it holds is on the heap and in buffers.
      ...grown('this process, on the heap and in buffers', first.here, here),
    ]
  }
}

function heapHere(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function grown(what: string, from: number, to: number): string[] {
  const bytes = `${megabytes(from)} after the first ${WARM_UP_SHARE * 100} % of the inputs, ${megabytes(to)} at the end`
  console.log(`memory of ${what}: ${bytes} (bound ${megabytes(GROWN_BYTES_MAX)} more)`)
  return to - from > GROWN_BYTES_MAX ? [`memory of ${what}: ${bytes}`] : []
}
