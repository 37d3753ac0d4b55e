import type { Clock } from '@odradek/core'
import { BufferRegion } from './buffer-region.ts'

/** Pages that are not touched cost nothing: so much is asked for at a time, so that it is seldom. */
export const REGION_BYTES = 256 * 1024 * 1024
/** How long memory is kept that nobody uses. */
export const REGION_IDLE_MS = 10_000

/**
 * Large buffers, and more of middle size than are kept one by one, side by side in few pieces of memory that are used again.
 * The engine counts each buffer that is made by itself, and collects garbage for every few of them: 2 to 20 ms thirty times
 * over when 200 clients ask for 50 MB.
 */
export class LargeBuffers {
  private readonly clock: Pick<Clock, 'after'>
  private regions: readonly BufferRegion[] = []

  constructor(clock: Pick<Clock, 'after'>) {
    this.clock = clock
  }

  /** Null for what is larger than any region. */
  take(sizeBytes: number): Buffer | null {
    if (sizeBytes > REGION_BYTES) return null
    for (const region of this.regions) {
      const buffer = region.take(sizeBytes)
      if (buffer !== null) return buffer
    }
    const region = new BufferRegion(REGION_BYTES)
    this.regions = [...this.regions, region]
    return region.take(sizeBytes)
  }

  /** False when it is not one of these. */
  give(buffer: Buffer): boolean {
    const region = this.regions.find((each) => each.owns(buffer))
    if (region === undefined) return false
    region.give(buffer)
    if (region.isUnused) this.dropLater(region)
    return true
  }

  private dropLater(region: BufferRegion): void {
    const { takes } = region
    this.clock.after(REGION_IDLE_MS, () => {
      // Used since: then that use has its own end.
      if (region.takes === takes) this.regions = this.regions.filter((each) => each !== region)
    })
  }
}
