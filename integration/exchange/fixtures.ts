import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { exchange, writeLegacySegment } from './programs.ts'

const FIXTURES = join(process.cwd(), 'packages/broker/src/interchange/fixtures')
const FEW_PARTITIONS = 'offsets.topic.num.partitions=1\ntransaction.state.log.num.partitions=1\n'

/** `node packages/tooling/bootstrap/run.cjs integration/exchange/fixtures.ts`: makes the directories that unit tests import. */
async function main(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'odradek-fixtures-'))
  try {
    for (const release of ['kafka-4.4', 'kafka-3.9'] as const) {
      const kafka = new KafkaProcess(release, join(root, release), undefined, FEW_PARTITIONS)
      await kafka.start()
      await exchange('sample', kafka.bootstrap)
      await kafka.stop()
      if (release === 'kafka-3.9') await writeLegacySegment(join(kafka.dataDirectory, 'old-0'))
      await kafka.start()
      const dump = await exchange('dump', kafka.bootstrap)
      await kafka.stop()
      keep(kafka.dataDirectory, join(FIXTURES, release), dump)
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function keep(source: string, target: string, dump: readonly string[]): void {
  rmSync(target, { recursive: true, force: true })
  // Indexes and producer state are made anew by whoever opens the logs.
  const isKept = (path: string) =>
    statSync(path).isDirectory() || !/\.(index|timeindex|txnindex|snapshot|deleted|lock)$/.test(path)
  cpSync(source, target, { recursive: true, filter: isKept })
  for (const name of readdirSync(target)) if (name.endsWith('-delete')) rmSync(join(target, name), { recursive: true })
  writeFileSync(`${target}.txt`, `${dump.join('\n')}\n`)
}

void main()
