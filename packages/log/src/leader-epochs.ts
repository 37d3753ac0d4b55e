import { readCheckpointText, readNumbers, writeCheckpointText } from './checkpoint-text.ts'

export interface EpochStart {
  readonly epoch: number
  readonly startOffset: number
}

/** Which leader epoch began at which offset (KIP-101); both rise from entry to entry. */
export class LeaderEpochs {
  private entries: EpochStart[] = []

  get latestEpoch(): number {
    return this.entries.at(-1)?.epoch ?? -1
  }

  get isEmpty(): boolean {
    return this.entries.length === 0
  }

  get starts(): readonly EpochStart[] {
    return this.entries
  }

  /** The epoch starts here; epochs without a record, whose start is no earlier, are forgotten. Returns whether that is news. */
  assign(epoch: number, startOffset: number): boolean {
    if (epoch <= this.latestEpoch) return false
    while ((this.entries.at(-1)?.startOffset ?? -1) >= startOffset) this.entries.pop()
    this.entries.push({ epoch, startOffset })
    return true
  }

  /** As `assign`, where a batch tells, and an older file had come back in a power cut. */
  correct(epoch: number, startOffset: number): void {
    const before = this.entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset)
    const after = this.entries.filter((entry) => entry.epoch > epoch && entry.startOffset > startOffset)
    this.entries = [...before, { epoch, startOffset }, ...after]
  }

  /** The epoch of the record at `offset`; -1 before the first. */
  epochAt(offset: number): number {
    // Asked for each batch that is read, and there may be one entry for each start of years.
    let low = -1
    let high = this.entries.length - 1
    while (low < high) {
      const middle = high - ((high - low) >> 2)
      if ((this.entries[middle]?.startOffset ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return this.entries[low]?.epoch ?? -1
  }

  /** The largest epoch that is at most `epoch`, and where it ends. */
  endOffsetFor(epoch: number, endOffset: number): { readonly epoch: number; readonly endOffset: number } | null {
    if (epoch < 0 || epoch > this.latestEpoch) return null
    const found = this.floor((entry) => entry.epoch <= epoch)
    if (found === undefined) return null
    const next = this.entries[this.entries.indexOf(found) + 1]
    return { epoch: found.epoch, endOffset: next?.startOffset ?? endOffset }
  }

  /** Records from `offset` on are gone. */
  truncateEnd(offset: number): void {
    while ((this.entries.at(-1)?.startOffset ?? -1) > offset) this.entries.pop()
  }

  /** Records before `offset` are gone: the epoch in force there starts with it. */
  truncateStart(offset: number): void {
    const first = this.floor((entry) => entry.startOffset <= offset)
    if (first === undefined) return
    const kept = this.entries.slice(this.entries.indexOf(first) + 1)
    this.entries = [{ epoch: first.epoch, startOffset: offset }, ...kept]
  }

  /** The text of `leader-epoch-checkpoint`. */
  toText(): string {
    return writeCheckpointText(this.entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`))
  }

  /** Null when the text is damaged: the epochs can be read from the batches again. */
  static fromText(text: string): LeaderEpochs | null {
    const lines = readCheckpointText(text)
    if (lines === null) return null
    const epochs = new LeaderEpochs()
    for (const line of lines) {
      const [epoch, startOffset] = readNumbers(line, 2, 0) ?? []
      if (epoch === undefined || startOffset === undefined) return null
      if (startOffset <= (epochs.entries.at(-1)?.startOffset ?? -1)) return null
      if (!epochs.assign(epoch, startOffset)) return null
    }
    return epochs
  }

  private floor(isBelow: (entry: EpochStart) => boolean): EpochStart | undefined {
    return this.entries.findLast(isBelow)
  }
}
