import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SeededPrng } from '@odradek/core'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { WireClient } from '../harness/wire-client.ts'
import { createTopic, produce } from './broker-calls.ts'
import { cyclesUnderLoad, portOf } from './cycles-under-load.ts'
import { randomBatch } from './random-batch.ts'
import { SEED } from './seed.ts'

const CYCLES = 5

test(`SIGTERM under load, ${CYCLES} times: answered, closed well, nothing to recover (SEED=${SEED})`, async () => {
  const exitCodes: (number | null)[] = []
  const markers: boolean[] = []
  let said = ''
  const outcome = await cyclesUnderLoad({
    seed: SEED,
    cycles: CYCLES,
    how: 'stop',
    ended: (broker, exitCode) => {
      exitCodes.push(exitCode)
      markers.push(existsSync(join(broker.dataDirectory, '.odradek_cleanshutdown')))
    },
    started: (broker) => {
      said = broker.stderr
    },
  })
  expect(outcome.faults).toEqual([])
  // What was taken is answered before the connection ends.
  expect(outcome.servedUnanswered).toBe(0)
  expect(exitCodes).toEqual(Array(CYCLES).fill(0))
  expect(markers).toEqual(Array(CYCLES).fill(true))
  expect(said).not.toMatch(/WARN|ERROR|recover|torn/)
}, 60_000)

test('after a clean stop no record is read again at the start; after a kill those that came since are', async () => {
  const broker = await BrokerProcess.start({ port: await freePorts(1) })
  const prng = new SeededPrng(SEED)
  const produceOne = async () => {
    const client = await WireClient.open(portOf(broker))
    // There already the second time.
    await createTopic(client, 'kept', 1)
    await produce(client, 'kept', 0, randomBatch(prng, 'kept', null, Date.now()).bytes)
    client.close()
  }
  try {
    await produceOne()
    await broker.stop()
    // Only a start that reads the record itself can notice.
    changeLastByte(broker.dataDirectory)
    await broker.start()
    expect(broker.stderr).not.toMatch(/WARN|ERROR/)
    await produceOne()
    await broker.restart('kill')
    expect(broker.stderr).not.toMatch(/WARN|ERROR/)
    await broker.kill()
    changeLastByte(broker.dataDirectory)
    await broker.start()
    expect(broker.stderr).toMatch(/WARN|ERROR/)
  } finally {
    await broker.dispose()
  }
}, 30_000)

function changeLastByte(dataDirectory: string): void {
  const [partition = ''] = readdirSync(dataDirectory).filter((name) => /^[0-9a-f]{32}-0$/.test(name))
  const file = join(dataDirectory, partition, '00000000000000000000.log')
  const bytes = readFileSync(file)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  writeFileSync(file, bytes)
}
