import type { EachBatchPayload, KafkaMessage } from 'kafkajs'
import { CommandFailure } from '../client/failure.ts'
import { asFailure, kafkaOf, loadKafkaJs } from '../client/kafkajs-client.ts'
import type { PrintRecord } from './record-printer.ts'
import type { Session } from './session.ts'

export interface ConsumeInGroup {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly fromBeginning: boolean
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly recordsMax: number
  readonly print: PrintRecord
}

/** As a member of a group, until there are enough or someone asks the process to stop; what was shown is committed. */
export async function consumeInGroup(session: Session, consumption: ConsumeInGroup): Promise<void> {
  const { groupId, topics, fromBeginning, isolation, recordsMax, print } = consumption
  const { client, host } = session
  const kafkajs = loadKafkaJs()
  // A broker that cannot be reached is told as everywhere else.
  await client.any()
  const consumer = kafkaOf(kafkajs, client).consumer({ groupId, readUncommitted: isolation === 'read_uncommitted' })
  const about = `group ${groupId}`
  await asFailure(about, () => consumer.connect())
  let left = recordsMax
  try {
    const done = new Promise<void>((resolve, reject) => {
      host.onStopRequest(resolve)
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(new CommandFailure(`${about}: ${payload.error.message}`))
      })
      const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
        const { batch } = payload
        for (const message of batch.messages) {
          if (left === 0 || !payload.isRunning() || payload.isStale()) break
          left -= 1
          host.stdout(print({ ...recordOf(message), topic: batch.topic, partition: batch.partition }))
          payload.resolveOffset(message.offset)
          await payload.heartbeat()
        }
        await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets())
        if (left === 0) resolve()
      }
      asFailure(about, async () => {
        await consumer.subscribe({ topics: [...topics], fromBeginning })
        await consumer.run({ eachBatchAutoResolve: false, eachBatch })
      }).catch(reject)
    })
    await done
  } finally {
    await consumer.disconnect()
  }
}

function recordOf({ offset, timestamp, key, value, headers }: KafkaMessage) {
  const listed = Object.entries(headers ?? {}).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map(
      (each) => [name, each === undefined ? null : Buffer.from(each)] as const,
    ),
  )
  return { offset: Number(offset), timestamp: Number(timestamp), key, value, headers: listed }
}
