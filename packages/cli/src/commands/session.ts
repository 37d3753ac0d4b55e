import { CommandFailure } from '../client/failure.ts'
import type { KafkaClient } from '../client/kafka-client.ts'
import type { Host } from '../host.ts'
import { jsonLines, type Row, table } from './output.ts'

/** What a command works with while it runs: a cluster, and somewhere to write. */
export class Session {
  readonly host: Host
  readonly client: KafkaClient
  readonly isJson: boolean
  private failures = 0

  constructor(host: Host, client: KafkaClient, isJson: boolean) {
    this.host = host
    this.client = client
    this.isJson = isJson
  }

  get exitCode(): number {
    return this.failures === 0 ? 0 : 1
  }

  /** A table for eyes, an object a line for pipes. `nothing` is said to eyes in place of an empty table. */
  show(rows: readonly Row[], nothing = ''): void {
    if (this.isJson) this.host.stdout(jsonLines(rows))
    else if (rows.length > 0) this.host.stdout(table(rows))
    else if (nothing !== '') this.note(nothing)
  }

  /** One thing that was done: a sentence for eyes, `row` for pipes. */
  did(sentence: string, row: Row): void {
    this.host.stdout(this.isJson ? jsonLines([row]) : `${sentence}\n`)
  }

  /** For eyes, where standard output is for data. */
  note(sentence: string): void {
    this.host.stderr(`${sentence}\n`)
  }

  /** Goes on after what could not be done for one of several things; the exit code tells. */
  async each<T>(things: readonly T[], work: (thing: T) => Promise<void>): Promise<void> {
    for (const thing of things) {
      try {
        await work(thing)
      } catch (error) {
        if (!(error instanceof CommandFailure)) throw error
        this.failures += 1
        this.host.stderr(`odradek: ${error.message.replaceAll(/\s*\n\s*/g, ' ')}\n`)
      }
    }
  }
}
