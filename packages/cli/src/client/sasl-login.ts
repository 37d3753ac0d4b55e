import type { Prng } from '@odradek/core'
import { ErrorCode, errorName, SaslAuthenticate, SaslHandshake } from '@odradek/protocol'
import type { Login } from './client-security.ts'
import { CommandFailure } from './failure.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import { ScramClient } from './scram-client.ts'

/** From here on tokens come as requests of their own, with errors that say something. */
const HANDSHAKE_VERSION = 1

/** @throws CommandFailure when the broker does not let us in */
export async function logIn(connection: KafkaConnection, login: Login, prng: Prng): Promise<void> {
  const { mechanism } = login
  const { errorCode, mechanisms } = await connection.callIn(SaslHandshake, HANDSHAKE_VERSION, { mechanism })
  if (errorCode === ErrorCode.UNSUPPORTED_SASL_MECHANISM)
    throw new CommandFailure(
      `${connection.name} has no ${mechanism}: it has ${mechanisms.join(', ') || 'no mechanism'}`,
      errorCode,
    )
  if (errorCode !== ErrorCode.NONE)
    throw new CommandFailure(
      `${connection.name}: SaslHandshake: ${errorName(errorCode)}: is it a SASL listener?`,
      errorCode,
    )
  if (mechanism === 'PLAIN') await send(connection, mechanism, `\0${login.name}\0${login.password}`)
  else if (mechanism === 'OAUTHBEARER') await logInByToken(connection, login.token)
  else await logInByScram(connection, new ScramClient(login, prng), mechanism)
}

async function logInByScram(connection: KafkaConnection, client: ScramClient, mechanism: string): Promise<void> {
  const challenge = await send(connection, mechanism, client.first)
  const proof = await send(connection, mechanism, await client.final(challenge))
  if (!client.proves(proof))
    throw new CommandFailure(`${connection.name} has not proved that it knows the password: it may be another's`)
}

async function logInByToken(connection: KafkaConnection, token: string): Promise<void> {
  const refusal = await send(connection, 'OAUTHBEARER', `n,,\u0001auth=Bearer ${token}\u0001\u0001`)
  if (refusal === '') return
  // RFC 7628: what is wrong with the token comes as a challenge, which has to be answered.
  await send(connection, 'OAUTHBEARER', '\u0001').catch(() => '')
  throw new CommandFailure(`${connection.name} does not take the token: ${refusal}`)
}

async function send(connection: KafkaConnection, mechanism: string, token: string): Promise<string> {
  const authBytes = Buffer.from(token)
  const answer = await connection.call(SaslAuthenticate, { authBytes })
  if (answer.errorCode === ErrorCode.NONE) return Buffer.from(answer.authBytes).toString()
  const words = answer.errorMessage ?? errorName(answer.errorCode)
  throw new CommandFailure(`${connection.name} refuses the ${mechanism} login: ${words}`, answer.errorCode)
}
