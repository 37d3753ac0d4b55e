/** Of one directory: the flush that runs, and the one that those share who came meanwhile. */
interface Flushes {
  readonly running: Promise<void>
  next: Promise<void> | null
}

/**
 * Ten thousand logs have names in the same directory, and each wants them flushed: who comes while it is being flushed
 * shares the next flush, since the one that runs may have begun before his name was there.
 */
export class DirectoryFlushes {
  private readonly flushDirectory: (path: string) => Promise<void>
  private readonly flushes = new Map<string, Flushes>()

  constructor(flushDirectory: (path: string) => Promise<void>) {
    this.flushDirectory = flushDirectory
  }

  flush(path: string): Promise<void> {
    const current = this.flushes.get(path)
    if (current === undefined) return this.begin(path)
    // Where the one that runs fails, his name may be among what it has lost: another flush would not know.
    current.next ??= current.running.then(() => this.begin(path))
    return current.next
  }

  private begin(path: string): Promise<void> {
    const running = this.flushDirectory(path)
    const flushes: Flushes = { running, next: null }
    this.flushes.set(path, flushes)
    const forget = (): void => {
      if (this.flushes.get(path) === flushes && flushes.next === null) this.flushes.delete(path)
    }
    running.then(forget, () => this.flushes.delete(path))
    return running
  }
}
