import { type Prng, SeededPrng } from '@odradek/core'
import { ScramClient } from './scram-client-fixture.ts'
import { ScramExchange } from './scram-exchange.ts'
import { type ScramMechanism, saltPassword, scramCredential, scramHash, scramHmac } from './scram-keys.ts'

const MECHANISMS: readonly ScramMechanism[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512']
const prng: Prng = new SeededPrng(3)
const SALT = Buffer.from('a salt of sixteen')

async function exchange(mechanism: ScramMechanism, name = 'alice', password = 'pencil') {
  const credential = scramCredential(mechanism, SALT, await saltPassword(mechanism, password, SALT, 4096), 4096)
  const user = (_: ScramMechanism, asked: string) =>
    asked === name ? { credential, who: { name, expiresMs: null, byToken: false } } : null
  return () => new ScramExchange(mechanism, { user, token: () => null, fakeSaltKey: Buffer.alloc(32, 1) }, prng)
}

async function step(server: ScramExchange, message: string) {
  const answer = await server.evaluate(Buffer.from(message))
  const token = answer.kind === 'failed' ? '' : Buffer.from(answer.token).toString()
  return { ...answer, text: token }
}

test('the example of RFC 7677', async () => {
  const mechanism = 'SCRAM-SHA-256'
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
  const credential = scramCredential(mechanism, salt, await saltPassword(mechanism, 'pencil', salt, 4096), 4096)
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
  const auth = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64')
  const signature = scramHmac(mechanism, credential.storedKey, auth)
  const clientKey = Buffer.from(proof.map((byte, index) => byte ^ (signature[index] ?? 0)))
  expect(scramHash(mechanism, clientKey).equals(credential.storedKey)).toBe(true)
  expect(scramHmac(mechanism, credential.serverKey, auth).toString('base64')).toBe(
    '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  )
})

describe.each(MECHANISMS)('%s', (mechanism) => {
  test('the right password, and the server proves itself too', async () => {
    const server = (await exchange(mechanism))()
    const client = new ScramClient(mechanism, 'alice', 'pencil')
    const { message, serverFinal } = client.final((await step(server, client.first)).text)
    expect(await step(server, message)).toMatchObject({ kind: 'done', who: { name: 'alice' }, text: serverFinal })
  })

  test('a name with a comma and an equals sign', async () => {
    const server = (await exchange(mechanism, 'a,b=c'))()
    const client = new ScramClient(mechanism, 'a,b=c', 'pencil', { gs2: 'n,a=a=2Cb=3Dc,' })
    expect(await step(server, client.final((await step(server, client.first)).text).message)).toMatchObject({
      kind: 'done',
      who: { name: 'a,b=c' },
    })
  })

  test.each([
    ['a wrong password', 'alice', 'wrong', {}],
    ['a forged proof', 'alice', 'pencil', { proof: Buffer.alloc(32, 7) }],
    ['an empty proof', 'alice', 'pencil', { proof: Buffer.alloc(0) }],
    ['another nonce', 'alice', 'pencil', { nonce: 'stolen' }],
    ['another channel binding', 'alice', 'pencil', { binding: 'y,,' }],
    ['a user that there is not', 'mallory', 'pencil', {}],
  ])('%s fails at the last message, and there is no second try', async (_, name, password, change) => {
    const server = (await exchange(mechanism))()
    const client = new ScramClient(mechanism, name, password)
    const first = await step(server, client.first)
    expect(first.kind).toBe('challenge')
    expect(await step(server, client.final(first.text, change).message)).toMatchObject({
      kind: 'failed',
      message: null,
    })
    const right = new ScramClient(mechanism, 'alice', 'pencil')
    expect(await step(server, right.first)).toMatchObject({ kind: 'failed' })
    expect(await step(server, client.final(first.text).message)).toMatchObject({ kind: 'failed' })
  })

  test('a last message that was good once is not again (CVE-2024-56128)', async () => {
    const begin = await exchange(mechanism)
    const [one, other] = [begin(), begin()]
    const client = new ScramClient(mechanism, 'alice', 'pencil')
    const { message } = client.final((await step(one, client.first)).text)
    await step(other, client.first)
    expect(await step(other, message)).toMatchObject({ kind: 'failed' })
    expect(await step(one, message)).toMatchObject({ kind: 'done' })
    expect(await step(one, message)).toMatchObject({ kind: 'failed' })
  })

  test('who wants to act as another is refused (CVE-2017-12610)', async () => {
    const server = (await exchange(mechanism))()
    const client = new ScramClient(mechanism, 'alice', 'pencil', { gs2: 'n,a=admin,' })
    expect(await step(server, client.first)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('authorization id'),
    })
  })

  test('a user that there is not has the same salt every time, and not that of another', async () => {
    const begin = await exchange(mechanism)
    const saltOf = async (name: string) =>
      /s=([^,]*)/.exec((await step(begin(), new ScramClient(mechanism, name, 'x').first)).text)?.[1]
    expect(await saltOf('mallory')).toBe(await saltOf('mallory'))
    expect(await saltOf('mallory')).not.toBe(await saltOf('eve'))
    expect(Buffer.from((await saltOf('mallory')) ?? '', 'base64')).toHaveLength(16)
  })

  test.each([
    '',
    'n,,',
    'n=alice,r=abc',
    'y,,n=alice,r=abc',
    'p=tls-unique,,n=alice,r=abc',
    'n,,n=,r=abc',
    'n,,n=al=ice,r=abc',
    'n,,n=alice',
    'n,,n=alice,r=',
    'n,,r=abc,n=alice',
    'n,,n=alice,r=a b',
    '\uFEFFn,,n=alice,r=abc',
  ])('%p is no first message', async (message) => {
    expect(await step((await exchange(mechanism))(), message)).toMatchObject({ kind: 'failed' })
  })

  test('every prefix of the last message fails', async () => {
    const begin = await exchange(mechanism)
    const client = new ScramClient(mechanism, 'alice', 'pencil')
    for (const share of [0, 0.1, 0.5, 0.9, 0.99]) {
      const server = begin()
      const { message } = client.final((await step(server, client.first)).text)
      expect(await step(server, message.slice(0, Math.floor(message.length * share)))).toMatchObject({ kind: 'failed' })
    }
  })

  test('an extension that nobody knows is ignored, bytes that are no UTF-8 are not', async () => {
    const begin = await exchange(mechanism)
    const server = begin()
    const client = new ScramClient(mechanism, 'alice', 'pencil', { extensions: ',x=1,tokenauth=false' })
    expect(await step(server, client.final((await step(server, client.first)).text).message)).toMatchObject({
      kind: 'done',
    })
    expect(await begin().evaluate(Buffer.from([0x6e, 0x2c, 0xff]))).toMatchObject({ kind: 'failed' })
  })
})
