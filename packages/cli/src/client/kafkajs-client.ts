import { createRequire } from 'node:module'
import { codecFor } from '@odradek/records'
import type * as KafkaJs from 'kafkajs'
import { hostPort } from '../banner.ts'
import type { ClientSecurity, Login } from './client-security.ts'
import { CommandFailure, reasonOf } from './failure.ts'
import type { KafkaClient } from './kafka-client.ts'
import { tlsOptions } from './secure-transport.ts'

const CLIENT_ID = 'odradek-cli'
/** What one batch may unpack to. */
const UNPACKED_BYTES_MAX = 256 * 1024 * 1024
const RETRIES = 5
/** Batches are of this format; kafkajs reads older ones too, but never lz4 as format 0 has it. */
const BATCH_FORMAT = 2

interface Encoder {
  readonly buffer: Buffer
}

/** The form that works unchanged in jest, under tsx and in the bundle, where this package is external. */
const requireKafkaJs = (): typeof KafkaJs => createRequire(import.meta.url)('kafkajs')

/** kafkajs, loaded by whoever needs it, quiet, and with the codecs that it leaves to its users. */
export function loadKafkaJs(): typeof KafkaJs {
  const kafkajs = requireKafkaJs()
  const { CompressionCodecs, CompressionTypes } = kafkajs
  for (const [type, id] of [
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
    ['zstd', CompressionTypes.ZSTD],
  ] as const) {
    const codec = codecFor(type, BATCH_FORMAT)
    CompressionCodecs[id] = () => ({
      compress: async (encoder: Encoder) => Buffer.from(codec.compress(encoder.buffer)),
      decompress: async (bytes: Buffer) => Buffer.from(codec.decompress(bytes, UNPACKED_BYTES_MAX)),
    })
  }
  return kafkajs
}

/** @throws CommandFailure for a login that kafkajs does not know */
export function kafkaOf(kafkajs: typeof KafkaJs, client: KafkaClient): KafkaJs.Kafka {
  return new kafkajs.Kafka({
    clientId: CLIENT_ID,
    brokers: client.bootstrap.map(({ host, port }) => hostPort(host, port)),
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: client.timeoutMs,
    requestTimeout: client.timeoutMs,
    retry: { retries: RETRIES },
    ...securityOf(client.security),
  })
}

function securityOf(security: ClientSecurity | null): Pick<KafkaJs.KafkaConfig, 'ssl' | 'sasl'> {
  if (security === null) return {}
  const { tls, login } = security
  return {
    ...(tls === null ? {} : { ssl: tlsOptions(tls) }),
    ...(login === null ? {} : { sasl: saslOf(login) }),
  }
}

function saslOf(login: Login): KafkaJs.SASLOptions {
  if (login.mechanism === 'OAUTHBEARER') {
    const { token } = login
    return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: token }) }
  }
  const { name: username, password } = login
  if (login.mechanism === 'PLAIN') return { mechanism: 'plain', username, password }
  if (login.isToken)
    throw new CommandFailure(
      'produce and groups cannot log in by a delegation token: use the password, or a JSON Web Token',
    )
  const mechanism = login.mechanism === 'SCRAM-SHA-256' ? 'scram-sha-256' : 'scram-sha-512'
  return { mechanism, username, password }
}

/** kafkajs says what went wrong in errors of its own. @throws CommandFailure */
export async function asFailure<T>(about: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof CommandFailure ? error : new CommandFailure(`${about}: ${reasonOf(error)}`)
  }
}
