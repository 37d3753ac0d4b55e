import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeededPrng } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { ConnectionLost, WireClient } from '../harness/wire-client.ts'
import { createdTopic, createTopic, produce, readWhole } from './broker-calls.ts'
import { portOf } from './cycles-under-load.ts'
import { testUnless } from './optional-test.ts'
import { randomBatch } from './random-batch.ts'
import { SEED } from './seed.ts'

const SOURCE = join(process.cwd(), 'integration/durability/flush-failure.c')

const directory = mkdtempSync(join(tmpdir(), 'odradek-shim-'))
const shim = join(directory, 'flush-failure.so')
/** What is in this file is part of the paths that cannot be flushed. */
const control = join(directory, 'fail')
afterAll(() => rmSync(directory, { recursive: true }))

/** Why there is no shim, or null. */
function compileFault(): string | null {
  if (process.platform !== 'linux') return 'only Linux has LD_PRELOAD and /proc'
  const { status, stderr, error } = spawnSync('cc', ['-shared', '-fPIC', '-o', shim, SOURCE, '-ldl'], {
    encoding: 'utf8',
  })
  return status === 0 ? null : `no C compiler: ${error?.message ?? stderr}`
}

const fault = compileFault()

let broker: BrokerProcess
beforeEach(async () => {
  if (fault !== null) return
  broker = await BrokerProcess.start({
    port: await freePorts(1),
    environment: { LD_PRELOAD: shim, ODRADEK_FAIL_FLUSH: control },
  })
})
afterEach(async () => {
  rmSync(control, { force: true })
  if (fault === null) await broker.dispose()
})

testUnless(
  fault,
  `a partition whose flush fails acknowledges nothing any more; the others go on (SEED=${SEED})`,
  async () => {
    const prng = new SeededPrng(SEED)
    const batch = () => randomBatch(prng, 'flush', null, Date.now()).bytes
    const client = await WireClient.open(portOf(broker))
    await createdTopic(client, 'sick', 1)
    const [sick = ''] = readdirSync(broker.dataDirectory).filter((name) => /^[0-9a-f]{32}-0$/.test(name))
    await createdTopic(client, 'well', 1)
    for (const topic of ['sick', 'well'])
      expect(await produce(client, topic, 0, batch())).toEqual({ errorCode: ErrorCode.NONE, baseOffset: 0 })
    const { endOffset } = await readWhole(client, 'sick', 0)

    writeFileSync(control, sick)
    const answers = await Promise.all(Array.from({ length: 10 }, () => produce(client, 'sick', 0, batch())))
    expect(new Set(answers.map(({ errorCode }) => errorCode))).toEqual(new Set([ErrorCode.KAFKA_STORAGE_ERROR]))
    // The device is well again, but what the failed flush has dropped does not come back: it stays offline.
    rmSync(control)
    expect((await produce(client, 'sick', 0, batch())).errorCode).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    expect((await produce(client, 'well', 0, batch())).errorCode).toBe(ErrorCode.NONE)
    client.close()

    await broker.restart('stop')
    const again = await WireClient.open(portOf(broker))
    expect((await readWhole(again, 'sick', 0)).records.length).toBeGreaterThanOrEqual(endOffset)
    expect((await produce(again, 'sick', 0, batch())).errorCode).toBe(ErrorCode.NONE)
    again.close()
  },
  30_000,
)

testUnless(
  fault,
  'a metadata log whose flush fails ends the process, and nothing was promised',
  async () => {
    const client = await WireClient.open(portOf(broker))
    await createdTopic(client, 'before', 1)
    writeFileSync(control, '__cluster_metadata')
    const ended = broker.ended()
    const answer = await createTopic(client, 'after', 1).catch((error: unknown) => {
      expect(error).toBeInstanceOf(ConnectionLost)
      return null
    })
    expect(answer).not.toBe(ErrorCode.NONE)
    expect(await ended).toBe(1)
    rmSync(control)
    await broker.start()
    const again = await WireClient.open(portOf(broker))
    expect(await createTopic(again, 'before', 1)).toBe(ErrorCode.TOPIC_ALREADY_EXISTS)
    again.close()
  },
  30_000,
)
