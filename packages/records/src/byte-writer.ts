const INITIAL_BYTES = 512

/** Grows as it is written to. */
export class ByteWriter {
  private buffer = Buffer.allocUnsafe(INITIAL_BYTES)
  private view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.length)
  private at = 0

  /** What has been written: a view, good until the next write. */
  written(): Uint8Array {
    return this.buffer.subarray(0, this.at)
  }

  get length(): number {
    return this.at
  }

  /** What has been written from `start` on: a view, good until the next write. */
  writtenFrom(start: number): Uint8Array {
    return this.buffer.subarray(start, this.at)
  }

  /** Writes over four bytes that were written before. */
  patchInt32(at: number, value: number): void {
    this.view.setInt32(at, value)
  }

  int8(value: number): void {
    const at = this.take(1)
    this.view.setInt8(at, value)
  }

  int16(value: number): void {
    const at = this.take(2)
    this.view.setInt16(at, value)
  }

  int32(value: number): void {
    const at = this.take(4)
    this.view.setInt32(at, value)
  }

  int64(value: bigint): void {
    const at = this.take(8)
    this.view.setBigInt64(at, value)
  }

  bytes(value: Uint8Array): void {
    const at = this.take(value.length)
    this.buffer.set(value, at)
  }

  /** Zigzag, 32 bits. */
  varint(value: number): void {
    this.unsignedVarint(((value << 1) ^ (value >> 31)) >>> 0)
  }

  /** Zigzag, 64 bits. */
  varlong(value: bigint): void {
    let raw = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    while (raw >= 0x8000_0000n) {
      this.int8(Number(raw & 0x7fn) | 0x80)
      raw >>= 7n
    }
    this.unsignedVarint(Number(raw))
  }

  /** Length, or -1 for null, and the bytes. */
  varbytes(value: Uint8Array | null): void {
    this.varint(value === null ? -1 : value.length)
    if (value !== null) this.bytes(value)
  }

  private unsignedVarint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.int8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.int8(rest)
  }

  /** Room for `count` bytes; where it begins. */
  private take(count: number): number {
    const start = this.at
    const end = start + count
    if (end > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.buffer.length * 2))
      this.buffer.copy(larger, 0, 0, start)
      this.buffer = larger
      this.view = new DataView(larger.buffer, larger.byteOffset, larger.length)
    }
    this.at = end
    return start
  }
}
