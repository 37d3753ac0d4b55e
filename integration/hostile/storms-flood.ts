import { ApiVersions, CreateTopics, InitProducerId, OffsetCommit } from '@odradek/protocol'
import { WireClient } from '../harness/wire-client.ts'
import { type Flood, HELD_MS_MAX, loopFigures, measured, ms } from './flood.ts'
import { nameStorms } from './name-storm.ts'
import { RawPeer } from './raw-peer.ts'

/** Of which the bound holds; with fewer it is lower. */
const NAMES_MIN = 100_000
const NAMES = Number(process.env['NAMES'] ?? NAMES_MIN)
/** Of so many of the names there is something. */
const TOPICS = Number(process.env['TOPICS'] ?? 10_000)
const GROUPS = Number(process.env['GROUPS'] ?? 5000)
const TOPICS_A_REQUEST = 2000
const DELETES_TOPICS = 20
/** Some wait for as long as they are told; what they do to the others is known long before. */
const PATIENCE_MS = 30_000
const ONLY = process.env['ONLY']
/** With `ACLS=1`: each name is looked up in the ACLs as well. */
const AUTHORIZED = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
}

/** Every array of every request with 100,000 elements, names of a tenth of which are taken. */
export const nameStormFlood: Flood = {
  name: 'name-storms',
  row: '27',
  settings: {
    'odradek.max.topics': '50000',
    ...(process.env['ACLS'] === undefined ? {} : AUTHORIZED),
  },
  async run(ground, tell) {
    const { port } = ground.broker
    const client = await WireClient.open(port)
    await fill(client)
    const { apiKeys } = await client.call(ApiVersions, 0, {})
    client.close()
    const served = new Map(
      apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion] as const]),
    )
    const storms = nameStorms(served, NAMES).filter(({ name }) => ONLY === undefined || new RegExp(ONLY).test(name))
    // What takes the topics away comes last.
    storms.sort((a, b) => Number(a.key === DELETES_TOPICS) - Number(b.key === DELETES_TOPICS))
    for (const storm of storms) {
      const frame = storm.frame()
      const peer = await RawPeer.open(port)
      const { watched, waits, elapsedMs } = await measured(
        ground,
        async () => {
          peer.socket.write(frame)
          await Promise.race([peer.answersOrEnd(1), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref())])
        },
        false,
      )
      const outcome = peer.answered > 0 ? 'answered' : peer.isClosed ? 'closed' : 'waits'
      peer.close()
      tell({
        what: `${storm.name} x ${NAMES}`,
        figure: `${outcome} after ${ms(elapsedMs)}; ${loopFigures(watched, waits)}`,
        isWithin: watched.heldMs <= HELD_MS_MAX * Math.min(1, NAMES / NAMES_MIN) && !waits.isLost,
      })
    }
  },
}

async function fill(client: WireClient): Promise<void> {
  for (let first = 0; first < TOPICS; first += TOPICS_A_REQUEST) {
    const topics = Array.from({ length: Math.min(TOPICS_A_REQUEST, TOPICS - first) }, (_, index) => ({
      ...{ name: `storm-${first + index}`, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
    }))
    await client.call(CreateTopics, 4, { topics, timeoutMs: 60_000, validateOnly: false })
  }
  const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: null }]
  const commits = Array.from({ length: GROUPS }, (_, index) =>
    client.call(OffsetCommit, 7, { groupId: `storm-${index}`, topics: [{ name: 'storm-0', partitions }] }),
  )
  const ids = Array.from({ length: GROUPS }, (_, index) =>
    client.call(InitProducerId, 1, { transactionalId: `storm-${index}`, transactionTimeoutMs: 10_000 }),
  )
  await Promise.all([...commits, ...ids])
}
