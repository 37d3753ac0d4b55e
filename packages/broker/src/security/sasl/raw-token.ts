import { present } from '@odradek/core'
import { type ErrorCode, SaslAuthenticate } from '@odradek/protocol'
import type { Reader, Writer } from '@odradek/protocol/wire'
import { type Handler, inOneTurn } from '../../handler.ts'
import { ELEMENT_BYTES } from '../../request-room.ts'
import { afterDelay } from './login-request.ts'

/** Tokens that come bare, after a handshake of version 0: no header in front of either of them, and failure is silence. */
export const rawToken: Handler<Uint8Array, Uint8Array> = {
  api: SaslAuthenticate,
  versions: [0, 0],
  borrowsFrame: false,
  isAnsweredInTurns: false,
  hasLargeAnswer: () => false,
  elementBytes: ELEMENT_BYTES,
  read: (reader) => reader.raw(reader.remaining),
  readInTurns: inOneTurn((reader: Reader) => reader.raw(reader.remaining)),
  async handle(token, context) {
    const { sasl } = context.connection
    const answer = sasl === null ? null : await sasl.authenticate(token)
    if (answer?.ok === true) return answer.token
    if (sasl !== null) await afterDelay(context, sasl.failureDelayMs)
    context.close(`the login failed (${answer?.message ?? 'no login is under way'})`)
    return null
  },
  split: (token) => [token],
  join: ([answer]) => present(answer, 'there is one'),
  onBug: () => null,
  onUnsupportedVersion: () => null,
  write: (writer, _version, token) => writer.raw(token),
  writeInTurns: inOneTurn((writer: Writer, _version: number, token: Uint8Array) => writer.raw(token)),
  errorCodes: (_response: Uint8Array, _take: (code: ErrorCode) => void) => {},
}
