import type { Clock, Fs, Logger, Prng } from '@odradek/core'
import { ListenerConfigError } from '../../listener-config.ts'
import type { ListenerKeys } from '../listener-keys.ts'
import type { SecretFiles } from '../secret-files.ts'
import { BearerExchange } from './bearer-exchange.ts'
import { openBearer } from './open-bearer.ts'
import { PlainExchange } from './plain-exchange.ts'
import { openPlainUsers, PLAIN_USERS_FILE } from './plain-users.ts'
import { SASL_MECHANISMS, type SaslExchange, type SaslMechanism } from './sasl-exchange.ts'
import type { SaslListener } from './sasl-listener.ts'
import { type ScramAccounts, ScramExchange } from './scram-exchange.ts'

export interface SaslOptions {
  readonly fs: Fs
  readonly clock: Clock
  readonly prng: Prng
  readonly logger: Logger
  readonly accounts: ScramAccounts
  readonly secretFiles: SecretFiles
}

/** Kafka's name for Kerberos, which is no mistake to name, but not there. */
const KERBEROS = 'GSSAPI'

/** @throws ListenerConfigError */
export function openSaslListener(keys: ListenerKeys, options: SaslOptions): SaslListener {
  const mechanisms = enabledMechanisms(keys, options.logger)
  const begin = new Map<string, () => SaslExchange>()
  for (const mechanism of mechanisms) begin.set(mechanism, beginner(mechanism, keys, options))
  return {
    keys,
    clock: options.clock,
    mechanisms,
    begin: (mechanism) => begin.get(mechanism)?.() ?? null,
    receiveBytesMax: keys.number('sasl.server.max.receive.size'),
    failureDelayMs: keys.number('connection.failed.authentication.delay.ms'),
    sessionMsMax: (mechanism) => keys.number('connections.max.reauth.ms', mechanism),
  }
}

function enabledMechanisms(keys: ListenerKeys, logger: Logger): readonly SaslMechanism[] {
  const named = keys.list('sasl.enabled.mechanisms').map((name) => name.toUpperCase())
  const found: SaslMechanism[] = []
  for (const name of named) {
    const mechanism = SASL_MECHANISMS.find((candidate) => candidate === name)
    if (mechanism !== undefined) found.push(mechanism)
    else if (name === KERBEROS) logger.warn('GSSAPI (Kerberos) is not offered here', { listener: keys.listener })
    else throw new ListenerConfigError(`sasl.enabled.mechanisms: ${name} is not one of ${SASL_MECHANISMS.join(', ')}`)
  }
  if (found.length > 0) return found
  throw new ListenerConfigError(
    `listener ${keys.listener} has no mechanism that works here: name some of ${SASL_MECHANISMS.join(', ')} in ${keys.nameOf('sasl.enabled.mechanisms')}`,
  )
}

function beginner(mechanism: SaslMechanism, keys: ListenerKeys, options: SaslOptions): () => SaslExchange {
  const { fs, prng, accounts, secretFiles } = options
  if (mechanism === 'OAUTHBEARER') {
    const verifier = openBearer(keys, options)
    return () => new BearerExchange(verifier)
  }
  if (mechanism !== 'PLAIN') return () => new ScramExchange(mechanism, accounts, prng)
  const users = openPlainUsers(keys, fs)
  const path = keys.given(PLAIN_USERS_FILE)
  if (path !== null) secretFiles.check(path)
  return () => new PlainExchange(users)
}
