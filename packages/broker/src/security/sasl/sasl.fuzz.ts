import { type Prng, SeededPrng } from '@odradek/core'
import { ApiVersions, Metadata, SaslAuthenticate, SaslHandshake } from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { requestFrame } from '../../harness.ts'
import type { RawSocketClient } from '../../raw-socket-client.ts'
import { plainClient, startSecure, stopSecure } from '../secure-broker-fixture.ts'
import { meaningOf, mutatedToken } from './login-fuzz-fixture.ts'
import { ScramClient } from './scram-client-fixture.ts'

/** FUZZ_MS=60000 runs longer; SEED=… runs the same again. */
const { SEED, FUZZ_MS } = process.env
const seed = Number(SEED ?? Date.now() % 2 ** 32)
const durationMs = Number(FUZZ_MS ?? 1500)
/** However slow the machine is. */
const ROUNDS_MIN = 40

const SASL = {
  listeners: 'SASL_PLAINTEXT://localhost:0',
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  'listener.name.sasl_plaintext.plain.sasl.jaas.config':
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-pw" user_bob="bob-pw";',
  'odradek.scram.users': 'alice:alice-pw,bob:bob-pw',
  'connection.failed.authentication.delay.ms': '1',
  'odradek.max.logins.per.ip': '2000',
}

const METADATA = requestFrame(Metadata, 1, { topics: [] })
const VERSIONS = requestFrame(ApiVersions, 0, {})

afterEach(stopSecure)

/** One login, told wrongly at some point or not; whether every token said what it should. */
async function exchange(client: RawSocketClient, prng: Prng): Promise<boolean> {
  const mechanism = (['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)[prng.below(3)] ?? 'PLAIN'
  if (prng.below(4) === 0) {
    client.send(VERSIONS)
    await client.take(1)
  }
  // A raw token of PLAIN is answered with a frame of no bytes, which this client does not take for one.
  const version = mechanism === 'PLAIN' ? 1 : prng.below(2)
  let isTrue = true
  const say = async (token: Buffer): Promise<Buffer> => {
    const told = mutatedToken(token, prng)
    isTrue &&= meaningOf(mechanism, told) === meaningOf(mechanism, token)
    // A raw token of no bytes is a frame of none, which is a fault of its own.
    client.send(version === 0 ? told : requestFrame(SaslAuthenticate, 1, { authBytes: told }))
    const [answer] = await client.take(1)
    if (answer === undefined || version === 0) return answer ?? Buffer.alloc(0)
    try {
      return Buffer.from(SaslAuthenticate.response.read(new Reader(answer, 4), 1).authBytes)
    } catch {
      return Buffer.alloc(0)
    }
  }
  client.send(requestFrame(SaslHandshake, version, { mechanism }))
  await client.take(1)
  const name = prng.below(2) === 0 ? 'alice' : 'bob'
  const password = prng.below(5) === 0 ? 'wrong' : `${name}-pw`
  isTrue = password !== 'wrong'
  if (mechanism === 'PLAIN') {
    await say(Buffer.from(`\0${name}\0${password}`))
    return isTrue
  }
  const scram = new ScramClient(mechanism, name, password)
  const serverFirst = (await say(Buffer.from(scram.first))).toString()
  if (prng.below(8) === 0) {
    await say(Buffer.from(scram.first))
    isTrue = false
  }
  // Without a challenge there is nothing to answer, but one may try.
  const isChallenge = /^r=[^,]+,s=[^,]+,i=[1-9]\d{0,4}$/.test(serverFirst)
  await say(Buffer.from(isChallenge ? scram.final(serverFirst).message : 'c=biws,r=,p='))
  return isTrue && isChallenge
}

test(
  `logins that are told wrongly anywhere are never served, and break nothing (SEED=${seed})`,
  async () => {
    const broker = await startSecure(SASL)
    const prng = new SeededPrng(seed)
    const port = broker.ports['SASL_PLAINTEXT'] ?? 0
    const endMs = Date.now() + durationMs
    const served = { true: 0, false: 0 }
    for (let rounds = 0; Date.now() < endMs || rounds < ROUNDS_MIN; rounds++) {
      const client = await plainClient(port)
      const isTrue = await exchange(client, prng)
      // The first in the middle of a login is answered with an error, and then the connection ends.
      client.send(METADATA, METADATA)
      const goesOn = (await client.take(2)).length === 2
      if (goesOn && !isTrue) throw new Error(`SEED=${seed}: round ${rounds} was served`)
      served[goesOn ? 'true' : 'false'] += 1
      client.destroy()
    }
    expect(served.true).toBeGreaterThan(0)
    expect(served.false).toBeGreaterThan(0)
    expect(broker.log.filter((line) => line.includes('bug'))).toEqual([])
    console.log(`SASL fuzz: SEED=${seed}, ${served.true} logins, ${served.false} refused`)
  },
  durationMs + 60_000,
)
