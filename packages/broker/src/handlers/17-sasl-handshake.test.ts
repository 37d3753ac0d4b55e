import { ErrorCode, SaslHandshake } from '@odradek/protocol'
import { harness } from '../harness.ts'
import { saslHandshake } from './17-sasl-handshake.ts'

test.each([0, 1])('a handshake v%i on a plaintext listener names no mechanism', async (version) => {
  const response = await harness([saslHandshake], {}).send(SaslHandshake, version, { mechanism: 'PLAIN' })
  expect(response).toEqual({ errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] })
})
