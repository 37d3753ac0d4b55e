import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SeededPrng } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import {
  commitOffsets,
  committedOffsets,
  createdTopic,
  createTopic,
  deleteTopic,
  NoCoordinator,
  produce,
} from './broker-calls.ts'
import { faultsOf } from './checker.ts'
import { portOf } from './cycles-under-load.ts'
import { Load } from './load.ts'
import { Mount, tmpfsFault } from './mount.ts'
import { testUnless } from './optional-test.ts'
import { randomBatch } from './random-batch.ts'
import { SEED } from './seed.ts'

const TOPIC = 'filling'
const PARTITIONS = 4
const BALLAST_BYTES = 56 * 1024 * 1024
const GROUP = 'full'

/** Until less than 64 KB are left, so that some batches fit and others do not. */
function fill(path: string): void {
  try {
    for (let file = 0; ; file++) writeFileSync(join(path, `rest-${file}`), Buffer.alloc(64 * 1024))
  } catch {
    // Full: so it was meant.
  }
}

/** @throws Error when it is another offset than `expected`. */
async function hasCommitted(client: WireClient, expected: number): Promise<boolean> {
  try {
    expect(await committedOffsets(client, GROUP, 'spare', 1)).toEqual(new Map([[0, expected]]))
    return true
  } catch (error) {
    if (error instanceof NoCoordinator) return false
    throw error
  }
}

testUnless(
  tmpfsFault(),
  `a full disk: refused, read, not a record lost, and writing goes on when there is space (SEED=${SEED})`,
  async () => {
    const mount = await Mount.open('-t', 'tmpfs', '-o', 'size=64m', 'none')
    const ballast = join(mount.path, 'ballast')
    let stopLoad = async (): Promise<void> => {}
    const broker = new BrokerProcess({ dataDirectory: join(mount.path, 'data'), port: await freePorts(1) })
    try {
      await broker.start()
      const port = portOf(broker)
      const client = await WireClient.open(port)
      await createdTopic(client, TOPIC, PARTITIONS)
      await createdTopic(client, 'spare', 1)
      const prng = new SeededPrng(SEED)
      const probe = randomBatch(prng, 'probe', null, Date.now())
      expect(await produce(client, 'spare', 0, probe.bytes)).toEqual({ errorCode: ErrorCode.NONE, baseOffset: 0 })
      expect(await commitOffsets(client, GROUP, 'spare', new Map([[0, 1]]))).toEqual(new Map([[0, ErrorCode.NONE]]))
      writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES))
      const load = new Load({ port, topic: TOPIC, partitions: PARTITIONS, prng })
      const refused = () => load.history.sent.filter(({ outcome }) => outcome.kind === 'refused').length
      stopLoad = () => load.stop()
      await load.progress(50)
      fill(mount.path)
      await until('refused batches', () => refused() > 20)

      // All else that writes is refused as well, once the last page of its file is full, and what reads is served.
      let topics = 0
      while ((await createTopic(client, `topic-${topics}`, 1)) === ErrorCode.NONE) topics += 1
      let committed = 1
      const commit = async (offset: number) =>
        (await commitOffsets(client, GROUP, 'spare', new Map([[0, offset]]))).get(0)
      while ((await commit(committed + 1)) === ErrorCode.NONE) committed += 1

      rmSync(ballast)
      await load.progress(50)
      await load.stop()
      // What could not be written was never there: the coordinator has gone back to its log.
      await until('the coordinator', () => hasCommitted(client, committed))
      committed += 2
      expect(await commit(committed)).toBe(ErrorCode.NONE)
      expect(await createTopic(client, `topic-${topics}`, 1)).toBe(ErrorCode.NONE)
      await load.readFinal()
      expect(faultsOf(load.history)).toEqual([])

      await broker.restart('kill')
      await load.readFinal()
      expect(faultsOf(load.history)).toEqual([])
      const again = await WireClient.open(port)
      expect(await hasCommitted(again, committed)).toBe(true)
      expect(await deleteTopic(again, `topic-${topics}`)).toBe(ErrorCode.NONE)
      again.close()
      client.close()
    } finally {
      await stopLoad()
      await broker.dispose()
      await mount.close()
    }
  },
  60_000,
)
