import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import type { Program } from './programs.ts'

type Release = Program['kafka']

/** The real Kafkas to compare with, each started when the first client asks for it; one at a time. */
export class Kafkas {
  private running: { readonly release: Release; readonly kafka: KafkaProcess } | null = null

  async bootstrap(release: Release): Promise<string> {
    if (this.running?.release !== release) {
      await this.stop()
      const kafka = new KafkaProcess(release, mkdtempSync(join(tmpdir(), 'odradek-clients-')))
      this.running = { release, kafka }
      await kafka.start()
    }
    return this.running.kafka.bootstrap
  }

  async stop(): Promise<void> {
    const running = this.running
    this.running = null
    await running?.kafka.stop()
    if (running !== null) rmSync(running.kafka.directory, { recursive: true, force: true })
  }
}
