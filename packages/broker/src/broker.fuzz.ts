import { SeededPrng, uuidToBytes } from '@odradek/core'
import { requestHeaderVersion } from '@odradek/protocol'
import { ProtocolError, Writer } from '@odradek/protocol/wire'
import { type ActiveRequest, dispatch, RequestRefused } from './dispatch.ts'
import { handlers } from './handlers/index.ts'
import { FIRST_NODE, openMemoryBroker } from './memory-broker-fixture.ts'
import { noQuotas } from './quotas.ts'

/** FUZZ_MS=60000 runs longer; SEED=… runs the same again. */
const { SEED, FUZZ_MS } = process.env
const seed = Number(SEED ?? Date.now() % 2 ** 32)
const durationMs = Number(FUZZ_MS ?? 1500)

/** Pieces that messages are made of: strings, counts, nulls, ids and numbers at the edges. */
function piecesWith(topicId: string): Buffer[] {
  const hex = ['00', '01', '02', '03', 'ff', '0000', '0001', 'ffff', '00000000', '00000001', 'ffffffff', '7fffffff']
  const long = ['0000000000000000', 'ffffffffffffffff', '7fffffffffffffff', '00'.repeat(16), '00'.repeat(40)]
  const text = ['000174', '0274', '000167', '0267', '00086d656d6265722d31', '0008636f6e73756d6572', '0005726f756e64']
  return [...[...hex, ...long, ...text].map((piece) => Buffer.from(piece, 'hex')), Buffer.from(uuidToBytes(topicId))]
}

function randomFrame(prng: SeededPrng, pieces: readonly Buffer[]): Buffer {
  const row = handlers[prng.below(handlers.length)]!
  const [min, max] = row.versions
  const version = min + prng.below(max - min + 1)
  const writer = new Writer()
  writer.int16(row.api.key)
  writer.int16(version)
  writer.int32(1)
  writer.string('c', false)
  if (requestHeaderVersion(row.api.key, version) === 2) writer.int8(0)
  for (let count = prng.below(24); count > 0; count--) writer.raw(pieces[prng.below(pieces.length)]!)
  writer.raw(Buffer.alloc(prng.below(4) === 0 ? 0 : 64))
  return Buffer.from(writer.toBytes())
}

test(
  `requests made of odd pieces end in an answer or a clean refusal, never in a bug (SEED=${seed})`,
  async () => {
    const log: string[] = []
    const { table, services, close } = await openMemoryBroker(seed, log)
    const prng = new SeededPrng(seed)
    const topicId = services.cluster.topic('t')!.id
    const pieces = piecesWith(topicId)
    const state = {
      id: 1,
      peer: { host: '127.0.0.1', port: 1 },
      listener: 'PLAINTEXT',
      // As if somebody had logged in: others are told nothing about delegation tokens.
      securityProtocol: 'SASL_PLAINTEXT' as const,
      sasl: null,
      principal: 'User:alice',
      clientSoftwareName: '',
      clientSoftwareVersion: '',
    }
    const finish = (request: ActiveRequest) => {
      if (request.hasResponse) request.encode()
      for (const release of request.takeReleases()) release()
    }
    const owner = { node: FIRST_NODE, state, quotas: noQuotas, requestDone: finish }
    const endMs = Date.now() + durationMs
    let answered = 0
    let refused = 0
    // On a busy machine it takes longer until enough has happened.
    while (Date.now() < endMs || answered <= 100 || refused <= 100) {
      const frame = randomFrame(prng, pieces)
      const begun = process.cpuUsage()
      try {
        const request = dispatch(table, owner, frame, 0, frame.length)
        if (request.done) finish(request)
        else request.connectionClosed()
        answered += 1
      } catch (error) {
        if (!(error instanceof ProtocolError || error instanceof RequestRefused)) throw error
        refused += 1
      }
      if (answered % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
      if (log.length > 0) throw new Error(`${log[0]}\n${frame.toString('hex')}`)
      // On a busy machine others take time in between: what counts is what this process has used.
      const { user, system } = process.cpuUsage(begun)
      expect(user + system).toBeLessThan(1_000_000)
    }
    expect(answered).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(100)
    await close()
    expect(log).toEqual([])
  },
  durationMs + 20_000,
)
