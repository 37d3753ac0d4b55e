import { ApiVersions, apiByKey, DescribeQuorum } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import { integerFrom } from './given.ts'
import type { Session } from './session.ts'
import type { ClientVerb } from './verb.ts'

const INT32_MAX = 2_147_483_647
const METADATA_TOPIC = '__cluster_metadata'
/** From here on features are told. */
const FEATURES_VERSION = 3

const DESCRIBE: ClientVerb = {
  name: 'describe',
  description: 'The cluster, its brokers, and who controls it.',
  define() {},
  task() {
    return async (session) => {
      const { clusterId, controllerId, brokers } = await session.client.retrying(() => session.client.metadata([]))
      const rows = brokers
        .toSorted((a, b) => a.nodeId - b.nodeId)
        .map(({ nodeId, host, port, rack }) => ({
          broker: nodeId,
          host,
          port,
          rack,
          controller: nodeId === controllerId,
        }))
      if (session.isJson) session.show([{ clusterId, controller: controllerId, brokers: rows }])
      else {
        session.host.stdout(`cluster ${clusterId}\n`)
        session.show(rows)
      }
    }
  },
}

const FEATURES: ClientVerb = {
  name: 'features',
  description: 'Features, the level they are at, and the levels there are.',
  define() {},
  task() {
    return async (session) => {
      const answer = await session.client.retrying(async () =>
        (await session.client.any()).call(ApiVersions, SOFTWARE, { min: FEATURES_VERSION }),
      )
      expectOk('features', answer.errorCode)
      const levels = new Map(answer.finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]))
      session.show(
        answer.supportedFeatures
          .toSorted((a, b) => (a.name < b.name ? -1 : 1))
          .map(({ name, minVersion, maxVersion }) => ({
            feature: name,
            level: levels.get(name) ?? 0,
            min: minVersion,
            max: maxVersion,
          })),
      )
    }
  },
}

/** The broker refuses a request that does not name who asks. */
const SOFTWARE = { clientSoftwareName: 'odradek-cli', clientSoftwareVersion: '1' }

const QUORUM: ClientVerb = {
  name: 'quorum',
  description: 'Who keeps the metadata log, and how far each is.',
  define() {},
  task() {
    return (session) => session.client.retrying(() => showQuorum(session))
  },
}

async function showQuorum(session: Session): Promise<void> {
  const connection = await session.client.any()
  const topics = [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }]
  const answer = await connection.call(DescribeQuorum, { topics })
  expectOk('quorum', answer.errorCode, answer.errorMessage)
  const partition = answer.topics[0]?.partitions[0]
  if (partition === undefined) return
  expectOk('quorum', partition.errorCode, partition.errorMessage)
  const { leaderId, leaderEpoch, highWatermark, currentVoters, observers } = partition
  const leaderEnd = currentVoters.find(({ replicaId }) => replicaId === leaderId)?.logEndOffset ?? highWatermark
  const rows = [...currentVoters, ...observers].map(({ replicaId, logEndOffset }, index) => ({
    node: replicaId,
    role: replicaId === leaderId ? 'leader' : index < currentVoters.length ? 'voter' : 'observer',
    logEndOffset: Number(logEndOffset),
    lag: Number(leaderEnd - logEndOffset),
  }))
  if (session.isJson) {
    session.show([{ leader: leaderId, leaderEpoch, highWatermark: Number(highWatermark), replicas: rows }])
    return
  }
  session.host.stdout(`leader ${leaderId}, epoch ${leaderEpoch}, high watermark ${highWatermark}\n`)
  session.show(rows)
}

const API_VERSIONS: ClientVerb = {
  name: 'api-versions',
  description: 'Which requests a broker takes, in which versions.',
  define(command) {
    command.option('--broker <id>', 'this one; otherwise the first that answers')
  },
  task(given) {
    const id = given.text('broker')
    const broker = id === null ? null : integerFrom(id, '--broker', 0, INT32_MAX)
    return async (session) => {
      const { client } = session
      const connection = await client.retrying(() => (broker === null ? client.any() : client.node(broker)))
      session.show(
        Array.from(connection.versions, ([key, { min, max }]) => ({
          key,
          api: apiByKey(key)?.name ?? null,
          min,
          max,
        })),
      )
    }
  },
}

export const CLUSTER_COMMANDS: readonly ClientVerb[] = [DESCRIBE, FEATURES, QUORUM, API_VERSIONS]
