import { join } from 'node:path'
import { BrokerProcess } from '../harness/broker-process.ts'
import { realInput } from './run.ts'

const FILES = 600

test('real files in every codec survive a group in motion and a killed broker, and the disk has the bytes that were sent', async () => {
  const broker = await BrokerProcess.start()
  try {
    const outcome = await realInput(broker, join(process.cwd(), 'node_modules'), FILES)
    expect(outcome).toMatchObject({ missing: [], different: [], unknown: [], changedBatches: 0, files: FILES })
    expect(Object.values(outcome.filesByCodec)).toEqual([120, 120, 120, 120, 120])
    expect(outcome.batches).toBeGreaterThan(12)
  } finally {
    await broker.dispose()
  }
}, 120_000)
