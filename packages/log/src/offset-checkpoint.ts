import type { Fs } from '@odradek/core'
import { readCheckpointText, readNumbers, writeCheckpointText } from './checkpoint-text.ts'
import type { PartitionIdentity } from './partition-log.ts'
import { replaceFile, replaceFileDurably } from './small-file.ts'

type Partition = Pick<PartitionIdentity, 'topicId' | 'partition'>

/**
 * An offset for each partition of a data directory, in a file of Kafka's form, but by topic id: names may be given to
 * another topic later.
 */
export class OffsetCheckpoint {
  private readonly fs: Fs
  private readonly directory: string
  private readonly name: string
  private readonly isDurable: boolean
  private readonly offsets = new Map<string, number>()
  /** Partitions that the file has a line of. */
  private saved: ReadonlySet<string>
  private isChanged = false
  private saving: Promise<void> | null = null
  private next: Promise<void> | null = null

  constructor(fs: Fs, directory: string, name: string, isDurable: boolean) {
    this.fs = fs
    this.directory = directory
    this.name = name
    this.isDurable = isDurable
    const bytes = fs.readFileSync(`${directory}/${name}`)
    for (const line of readCheckpointText(Buffer.from(bytes ?? '').toString()) ?? []) this.readLine(line)
    this.saved = new Set(this.offsets.keys())
  }

  /** Whether some offset of it is in the file. */
  isSaved(partition: Partition): boolean {
    return this.saved.has(keyOf(partition))
  }

  get(partition: Partition): number | null {
    return this.offsets.get(keyOf(partition)) ?? null
  }

  set(partition: Partition, offset: number): void {
    const key = keyOf(partition)
    if (this.offsets.get(key) === offset) return
    this.offsets.set(key, offset)
    this.isChanged = true
  }

  delete(partition: Partition): void {
    if (this.offsets.delete(keyOf(partition))) this.isChanged = true
  }

  /** What is set now has reached the file when it resolves; calls that come meanwhile share the next write. */
  save(): Promise<void> {
    if (this.saving === null) {
      this.saving = this.write().finally(() => {
        this.saving = null
      })
      return this.saving
    }
    this.next ??= this.saving
      .catch(() => {})
      .then(() => {
        this.next = null
        return this.save()
      })
    return this.next
  }

  private async write(): Promise<void> {
    if (!this.isChanged) return
    this.isChanged = false
    const saved = new Set(this.offsets.keys())
    const text = writeCheckpointText([...this.offsets].map(([key, offset]) => `${key} ${offset}`))
    try {
      if (this.isDurable) await replaceFileDurably(this.fs, this.directory, this.name, text)
      else replaceFile(this.fs, `${this.directory}/${this.name}`, text)
      this.saved = saved
    } catch (error) {
      this.isChanged = true
      throw error
    }
  }

  private readLine(line: string): void {
    const words = line.split(' ')
    const [partition, offset] = readNumbers(words.slice(1).join(' '), 2, 0) ?? []
    if (words[0] !== undefined && partition !== undefined && offset !== undefined) {
      this.offsets.set(keyOf({ topicId: words[0], partition }), offset)
    }
  }
}

function keyOf(partition: Partition): string {
  return `${partition.topicId} ${partition.partition}`
}
