import type { FileHandle } from '@odradek/core'

/** A file that may be written; says so before it is. */
export class WatchedFile implements FileHandle {
  private readonly inner: FileHandle
  private readonly changing: (path: string) => void

  constructor(inner: FileHandle, changing: (path: string) => void) {
    this.inner = inner
    this.changing = changing
  }

  get path(): string {
    return this.inner.path
  }

  size(): number {
    return this.inner.size()
  }

  readSync(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    return this.inner.readSync(target, targetOffset, length, position)
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): Promise<number> {
    return this.inner.read(target, targetOffset, length, position)
  }

  writeSync(buffers: readonly Uint8Array[], position: number): number {
    this.changing(this.inner.path)
    return this.inner.writeSync(buffers, position)
  }

  datasync(): Promise<void> {
    return this.inner.datasync()
  }

  truncateSync(size: number): void {
    this.changing(this.inner.path)
    this.inner.truncateSync(size)
  }

  closeSync(): void {
    this.inner.closeSync()
  }
}
