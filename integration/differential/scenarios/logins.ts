import { type Api, ApiVersions, errorName, Metadata, SaslAuthenticate, SaslHandshake } from '@odradek/protocol'
import { ConnectionLost, type WireClient } from '../../harness/wire-client.ts'
import type { Scenario } from '../scenario.ts'
import { OTHER_PLAIN_USER, PLAIN_USER } from '../settings.ts'
import type { World } from '../world.ts'

const plainToken = ({ name, password }: typeof PLAIN_USER) => Buffer.from(`\0${name}\0${password}`)
const RIGHT = plainToken(PLAIN_USER)
const ANOTHERS = plainToken(OTHER_PLAIN_USER)
const WRONG = plainToken({ ...PLAIN_USER, password: 'wrong' })
const VERSIONS = { clientSoftwareName: 'wire', clientSoftwareVersion: '1' }

/** What comes of one message: an error's name, `NONE`, how many raw bytes, or that the connection is closed. */
type Outcome = string
type Message = (client: WireClient, user: string) => Promise<Outcome>

const CLOSED = 'closed'

async function outcome(answer: Promise<Outcome>): Promise<Outcome> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ConnectionLost) return CLOSED
    throw error
  }
}

function call<Request, Response, RequestInput, ResponseInput>(
  api: Api<Request, Response, RequestInput, ResponseInput>,
  version: number,
  request: RequestInput,
): Message {
  return (client) => outcome(client.call(api, version, request).then(firstErrorIn))
}

/** Without a request around them. */
function bytes(frame: Buffer): Message {
  return (client) => outcome(client.raw(frame).then(({ length }) => `${length} raw bytes`))
}

/** The first error code at any depth. */
function firstErrorIn(answer: unknown): Outcome {
  for (const code of errorCodesIn(answer)) return errorName(code)
  return 'no error code'
}

function* errorCodesIn(value: unknown): Generator<number, void, void> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  for (const [name, child] of Object.entries(value)) {
    if (name === 'errorCode' && typeof child === 'number') yield child
    else yield* errorCodesIn(child)
  }
}

const handshake = (mechanism: string, version = 1): Message => call(SaslHandshake, version, { mechanism })
const token = (authBytes: Buffer, version = 2): Message => call(SaslAuthenticate, version, { authBytes })

const METADATA = call(Metadata, 9, { topics: [{ name: 'no-such-topic' }], allowAutoTopicCreation: false })

const MESSAGES: Readonly<Record<string, Message>> = {
  'ApiVersions 0': call(ApiVersions, 0, {}),
  'ApiVersions 3': call(ApiVersions, 3, VERSIONS),
  'ApiVersions 3 without a name': call(ApiVersions, 3, { clientSoftwareName: '-', clientSoftwareVersion: '1' }),
  'SaslHandshake 0': handshake('PLAIN', 0),
  'SaslHandshake 1': handshake('PLAIN'),
  'SaslHandshake 1 for SCRAM': handshake('SCRAM-SHA-256'),
  'SaslHandshake 1 for nonsense': handshake('nonsense'),
  'SaslAuthenticate 0 that is right': token(RIGHT, 0),
  'SaslAuthenticate 2 that is right': token(RIGHT),
  "SaslAuthenticate 2 that is another's": token(ANOTHERS),
  'SaslAuthenticate 2 that is wrong': token(WRONG),
  'SaslAuthenticate 2 that is garbage': token(Buffer.from('garbage')),
  'Metadata 9': METADATA,
  'a raw token that is right': bytes(RIGHT),
  'a raw token that is wrong': bytes(WRONG),
  'a byte': bytes(Buffer.from([0])),
  'an API that nobody knows': bytes(Buffer.from('7fff00000000000100', 'hex')),
  'a SaslAuthenticate that is cut off': bytes(Buffer.from('00240002000000010000', 'hex')),
}

const STATES: Readonly<Record<string, readonly Message[]>> = {
  'before everything': [],
  'after ApiVersions': [call(ApiVersions, 3, VERSIONS)],
  'after an ApiVersions that failed': [call(ApiVersions, 3, { clientSoftwareName: '-', clientSoftwareVersion: '1' })],
  'after a handshake': [handshake('PLAIN')],
  'after a handshake of version 0': [handshake('PLAIN', 0)],
  'in the middle of an exchange': [
    handshake('SCRAM-SHA-256'),
    (client, user) => token(Buffer.from(`n,,n=${user},r=nonce`))(client, user),
  ],
  'after a login': [handshake('PLAIN'), token(RIGHT)],
  'after a login of version 0': [handshake('PLAIN', 0), bytes(RIGHT)],
  'after a login that failed': [handshake('PLAIN'), token(WRONG)],
  'after a handshake that failed': [handshake('nonsense')],
}

const LOGIN = [handshake('PLAIN'), token(RIGHT)]
/** Where a login ends some time, and may be renewed before (KIP-368). */
const SESSION_STATES: Readonly<Record<string, readonly Message[]>> = {
  'in a session': LOGIN,
  'after a handshake that is to renew a session': [...LOGIN, handshake('PLAIN')],
  'after a handshake of version 0 that is to renew a session': [...LOGIN, handshake('PLAIN', 0)],
  'after a handshake for another mechanism in a session': [...LOGIN, handshake('SCRAM-SHA-256')],
  'after a handshake for nonsense in a session': [...LOGIN, handshake('nonsense')],
  'after a renewal that failed': [...LOGIN, handshake('PLAIN'), token(WRONG)],
  "after a renewal by another's token": [...LOGIN, handshake('PLAIN'), token(ANOTHERS)],
}

interface State {
  readonly listener: 'users' | 'sessions'
  readonly before: readonly Message[]
  /** What is asked after the message. In a session no handshake: whether it is allowed hangs on time. */
  readonly next: Message
}

/** What every message comes to in one state, and what comes after it. */
async function playState(world: World, { listener, before, next }: State): Promise<void> {
  const user = await world.user('alice')
  for (const [name, message] of Object.entries(MESSAGES)) {
    const client = await world.stranger(listener)
    for (const each of before) await each(client, user)
    const comesTo = await message(client, user)
    world.keep(name, { comesTo, next: comesTo === CLOSED ? CLOSED : await next(client, user) })
  }
}

function scenariosOf(states: typeof STATES, listener: State['listener'], next: Message): readonly Scenario[] {
  return Object.entries(states).map(([name, before]) => ({
    name: `SaslAuthenticate 2: ${name}`,
    api: SaslAuthenticate.name,
    reference: 'kafka-4.4',
    bench: 'logins',
    play: (world) => playState(world, { listener, before, next }),
  }))
}

/** Kafka's state machine of logins: every kind of message in every state. */
export const logins: readonly Scenario[] = [
  ...scenariosOf(STATES, 'users', handshake('PLAIN')),
  ...scenariosOf(SESSION_STATES, 'sessions', METADATA),
]
