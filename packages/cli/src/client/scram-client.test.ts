import type { Prng } from '@odradek/core'
import { ScramClient } from './scram-client.ts'

const login = { mechanism: 'SCRAM-SHA-256', name: 'user', password: 'pencil', isToken: false } as const
/** RFC 7677, 3: its nonce, and what its bytes are where a nonce is written in base64. */
const NONCE = 'rOprNGfwEbeRWgbNEkqO'
const prng: Prng = { bytes: () => Buffer.from(NONCE, 'base64url'), below: () => 0 }
const CHALLENGE = `r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`

test('the example of RFC 7677', async () => {
  const client = new ScramClient(login, prng)
  expect(client.first).toBe(`n,,n=user,r=${NONCE}`)
  expect(await client.final(CHALLENGE)).toBe(
    `c=biws,r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  )
  expect(client.proves('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toBe(true)
  expect(client.proves('v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toBe(false)
  expect(client.proves('v=')).toBe(false)
})

test('a name with a comma and an equals sign, and a delegation token', () => {
  expect(new ScramClient({ ...login, name: 'a,b=c', isToken: true }, prng).first).toBe(
    `n,,n=a=2Cb=3Dc,r=${NONCE},tokenauth=true`,
  )
})

test.each([
  ['a nonce that is not ours', CHALLENGE.replace(NONCE, 'stolen')],
  ['no nonce of its own', `r=${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
  ['too few rounds', CHALLENGE.replace('4096', '4095')],
  ['too many rounds', CHALLENGE.replace('4096', '1000001')],
  ['nothing', ''],
])('a challenge with %s is refused', async (_, challenge) => {
  await expect(new ScramClient(login, prng).final(challenge)).rejects.toThrow(/challenge|rounds/)
})
