import { CreatePartitions, ErrorCode } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import { UsageError } from '../usage-error.ts'
import { assignmentsFrom } from './topics-create.ts'
import type { ClientVerb } from './verb.ts'

const INT32_MAX = 2_147_483_647

export const TOPICS_ALTER: ClientVerb = {
  name: 'alter',
  description: 'Give topics more partitions. (Their configs: odradek configs alter topic NAME.)',
  define(command) {
    command
      .argument('<topics...>', 'their names')
      .option('--partitions <count>', 'how many there shall be; never fewer than now')
      .option('--assignment <ids>', 'brokers of each new partition, the leader first: 1:2,2:3')
      .option('--validate-only', 'only tell whether it could be done')
  },
  task(given) {
    const count = given.integer('partitions', 1, INT32_MAX)
    if (count === null) throw new UsageError('topics alter needs --partitions COUNT')
    const assigned = assignmentsFrom(given.text('assignment')).map(({ brokerIds }) => ({ brokerIds }))
    const assignments = assigned.length === 0 ? null : assigned
    const validateOnly = given.has('validateOnly')
    return (session) =>
      session.each(given.words, async (name) => {
        const { client } = session
        await client.retrying(async () => {
          const controller = await client.controller()
          const topics = [{ name, count, assignments }]
          const { results } = await controller.call(CreatePartitions, {
            topics,
            timeoutMs: client.timeoutMs,
            validateOnly,
          })
          const result = results[0]
          expectOk(`topic ${name}`, result?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR, result?.errorMessage ?? null)
        })
        session.did(`${name} ${validateOnly ? 'could have' : 'has'} ${count} partitions`, {
          topic: name,
          partitions: count,
          altered: !validateOnly,
        })
      })
  },
}
