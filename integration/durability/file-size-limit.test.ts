import { SeededPrng } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { createdTopic, produce } from './broker-calls.ts'
import { faultsOf } from './checker.ts'
import { portOf } from './cycles-under-load.ts'
import { Load } from './load.ts'
import { testUnless } from './optional-test.ts'
import { randomBatch } from './random-batch.ts'
import { SEED } from './seed.ts'

const TOPIC = 'limited'
const PARTITIONS = 2
const BLOCKS = 300

testUnless(
  process.platform === 'win32' ? 'ulimit is not there' : null,
  `files that may not grow (EFBIG): refused, read, not a record lost, and writing goes on without the limit (SEED=${SEED})`,
  async () => {
    const port = await freePorts(1)
    const limited = new BrokerProcess({ port, fileBlocksMax: BLOCKS })
    const free = new BrokerProcess({ port, dataDirectory: limited.dataDirectory })
    let stopLoad = async (): Promise<void> => {}
    try {
      await limited.start()
      const prng = new SeededPrng(SEED)
      const client = await WireClient.open(portOf(limited))
      await createdTopic(client, TOPIC, PARTITIONS)
      await createdTopic(client, 'other', 1)
      const load = new Load({ port, topic: TOPIC, partitions: PARTITIONS, prng })
      stopLoad = () => load.stop()
      const refused = () => load.history.sent.filter(({ outcome }) => outcome.kind === 'refused').length
      await until('refused batches', () => refused() > 20, 30_000)
      const { bytes } = randomBatch(prng, 'other', null, Date.now())
      expect(await produce(client, 'other', 0, bytes)).toEqual({ errorCode: ErrorCode.NONE, baseOffset: 0 })
      client.close()

      await limited.kill()
      await free.start()
      await load.progress(50)
      await load.stop()
      await load.readFinal()
      expect(faultsOf(load.history)).toEqual([])
    } finally {
      await stopLoad()
      await free.dispose()
      await limited.dispose()
    }
  },
  60_000,
)
