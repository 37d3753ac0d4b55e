import { createRequire } from 'node:module'
import { codecFor } from '@odradek/records'
import type * as KafkaJs from 'kafkajs'
import { hostPort } from '../banner.ts'
import { CommandFailure, reasonOf } from './failure.ts'
import type { KafkaClient } from './kafka-client.ts'

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

export function kafkaOf(kafkajs: typeof KafkaJs, client: KafkaClient): KafkaJs.Kafka {
  return new kafkajs.Kafka({
    clientId: CLIENT_ID,
    brokers: client.bootstrap.map(({ host, port }) => hostPort(host, port)),
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: client.timeoutMs,
    requestTimeout: client.timeoutMs,
    retry: { retries: RETRIES },
  })
}

/** kafkajs says what went wrong in errors of its own. @throws CommandFailure */
export async function asFailure<T>(about: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof CommandFailure ? error : new CommandFailure(`${about}: ${reasonOf(error)}`)
  }
}
