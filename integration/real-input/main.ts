import { join } from 'node:path'
import { BrokerProcess } from '../harness/broker-process.ts'
import { realInput } from './run.ts'

const FILES_PER_CODEC_MIN = 200

/** `npm run real-input [FOLDER]`: every file below the folder (node_modules) through a broker process and back. */
async function main(): Promise<void> {
  const folder = process.argv[2] ?? join(process.cwd(), 'node_modules')
  const broker = await BrokerProcess.start()
  const startMs = performance.now()
  try {
    const { missing, different, unknown, ...figures } = await realInput(broker, folder)
    console.log({
      ...figures,
      missing: missing.length,
      different: different.length,
      unknown: unknown.length,
      seconds: Math.round((performance.now() - startMs) / 1000),
    })
    const failures = [
      ...missing.map((key) => `missing: ${key}`),
      ...different.map((key) => `different: ${key}`),
      ...unknown.map((key) => `never sent: ${key}`),
      ...(figures.changedBatches === 0 ? [] : [`${figures.changedBatches} batches on disk are not the producer's`]),
      ...Object.entries(figures.filesByCodec)
        .filter(([, count]) => count < FILES_PER_CODEC_MIN)
        .map(
          ([codec, count]) =>
            `only ${count} files by codec ${codec}; name a folder with at least ${5 * FILES_PER_CODEC_MIN} files`,
        ),
    ]
    for (const failure of failures.slice(0, 20)) console.error(failure)
    console.log(`${figures.parts - missing.length - different.length} passed, ${failures.length} failed`)
    process.exitCode = failures.length === 0 ? 0 : 1
  } finally {
    await broker.dispose()
  }
}

void main()
