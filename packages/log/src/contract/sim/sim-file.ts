import type { Prng } from '@odradek/core'

/** What a device writes or does not; a page of the cache. */
export const SECTOR_BYTES = 4096
/** What no device tears: a smaller write is there or it is not. */
const ATOM_BYTES = 512

const NO_BYTES = Buffer.alloc(0)

/** A file as the process sees it (the page cache), and as the device has it. */
export class SimFile {
  sizeBytes = 0
  modifiedMs = 0
  private cached: Buffer = NO_BYTES
  private durable: Buffer = NO_BYTES
  private durableBytes = 0
  /** Sectors that the next flush has to write. */
  private readonly dirty = new Set<number>()

  get bytes(): Buffer {
    return this.cached.subarray(0, this.sizeBytes)
  }

  get unsyncedBytes(): number {
    return Math.max(0, this.sizeBytes - this.durableBytes)
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.byteLength
    this.cached = atLeast(this.cached, end)
    this.cached.set(bytes, position)
    this.sizeBytes = Math.max(this.sizeBytes, end)
    this.touch(position, end)
  }

  truncate(sizeBytes: number): void {
    this.cached = atLeast(this.cached, sizeBytes)
    const [from, to] = [Math.min(sizeBytes, this.sizeBytes), Math.max(sizeBytes, this.sizeBytes)]
    this.cached.fill(0, from, to)
    this.sizeBytes = sizeBytes
    this.touch(from, to)
  }

  /** What is written by now is on the device once the returned function is called; until then a power cut may take any of it. */
  beginFlush(): () => void {
    const { sizeBytes } = this
    const sectors = [...this.dirty].map((sector): [number, Buffer] => [sector, Buffer.from(this.sector(sector))])
    return () => {
      for (const [sector, bytes] of sectors) {
        this.durable = atLeast(this.durable, sector * SECTOR_BYTES + bytes.byteLength)
        this.durable.set(bytes, sector * SECTOR_BYTES)
        if (this.sector(sector).equals(bytes)) this.dirty.delete(sector)
      }
      this.durableBytes = sizeBytes
    }
  }

  /** What Linux does after a failed flush: the pages count as clean, and no later flush writes them. */
  failFlush(): void {
    this.dirty.clear()
  }

  /**
   * What the device has is all that is left. Of what was not flushed `prng` keeps some sectors whole, some in part, others
   * not at all, and a size that need not go with them: what lies between is zeros. Without it all of that is gone.
   */
  losePower(prng: Prng | null): void {
    const sizeBytes = prng === null ? this.durableBytes : sizeLeft(this.durableBytes, this.sizeBytes, prng)
    const left = Buffer.alloc(Math.max(sizeBytes, this.durableBytes))
    this.durable.copy(left, 0, 0, Math.min(this.durable.byteLength, left.byteLength))
    if (prng !== null) {
      const kept = prng.below(5)
      for (const sector of this.dirty) {
        const from = sector * SECTOR_BYTES
        const draw = prng.below(4)
        if (draw < kept) this.sector(sector).copy(left, from)
        else if (draw === kept) this.sector(sector).copy(left, from, 0, ATOM_BYTES * (1 + prng.below(7)))
      }
    }
    this.become(left.subarray(0, sizeBytes))
  }

  /** Changes what the device has, as if it had been so for ever. */
  become(bytes: Uint8Array): void {
    this.cached = Buffer.from(bytes)
    this.durable = Buffer.from(bytes)
    this.sizeBytes = bytes.byteLength
    this.durableBytes = bytes.byteLength
    this.dirty.clear()
  }

  private sector(index: number): Buffer {
    const from = index * SECTOR_BYTES
    return this.cached.subarray(from, Math.min(from + SECTOR_BYTES, this.cached.byteLength))
  }

  private touch(from: number, to: number): void {
    for (let at = Math.floor(from / SECTOR_BYTES); at * SECTOR_BYTES < to; at++) this.dirty.add(at)
  }
}

/** Grown in steps, with zeros after what was there. */
function atLeast(buffer: Buffer, sizeBytes: number): Buffer {
  if (sizeBytes <= buffer.byteLength) return buffer
  const larger = Buffer.alloc(Math.max(sizeBytes, buffer.byteLength * 2))
  buffer.copy(larger)
  return larger
}

function sizeLeft(durableBytes: number, sizeBytes: number, prng: Prng): number {
  const draw = prng.below(4)
  if (draw === 0) return durableBytes
  if (draw < 3) return sizeBytes
  const least = Math.min(durableBytes, sizeBytes)
  return least + prng.below(Math.abs(durableBytes - sizeBytes) + 1)
}
