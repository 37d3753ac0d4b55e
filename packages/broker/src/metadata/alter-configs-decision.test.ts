import { errorName, IncrementalAlterConfigs } from '@odradek/protocol'
import { MetadataFixture, topicCommand } from './metadata-fixture.ts'

const [TOPIC, BROKER, CLIENT_METRICS, GROUP] = [2, 4, 16, 32] as const
const [SET, DELETE, APPEND] = [0, 1, 2] as const

describe('which of several things wrong is named, as Kafka 4.4 does', () => {
  let fixture: MetadataFixture
  beforeAll(async () => {
    fixture = await MetadataFixture.start()
    await fixture.create(topicCommand('there'))
  })

  test.each([
    ['an unknown key before a missing topic', TOPIC, 'nosuch', 'no.such', SET, 'INVALID_CONFIG'],
    ['deleting an unknown key of a missing topic', TOPIC, 'nosuch', 'no.such', DELETE, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['an illegal name before an unknown key', TOPIC, 'a/b', 'no.such', SET, 'INVALID_TOPIC_EXCEPTION'],
    ['appending to no list before a missing topic', TOPIC, 'nosuch', 'retention.ms', APPEND, 'INVALID_CONFIG'],
    ['appending to no list before an illegal name', TOPIC, 'a/b', 'retention.ms', APPEND, 'INVALID_CONFIG'],
    ['appending to no list before no name', TOPIC, '', 'retention.ms', APPEND, 'INVALID_CONFIG'],
    ['another broker before appending to no list', BROKER, '9', 'log.retention.ms', APPEND, 'INVALID_REQUEST'],
    ['appending before a group without a name', GROUP, '', 'consumer.session.timeout.ms', APPEND, 'INVALID_CONFIG'],
    ['appending before metrics without a name', CLIENT_METRICS, '', 'interval.ms', APPEND, 'INVALID_CONFIG'],
    [
      'lists of groups cannot be appended to',
      GROUP,
      'g',
      'streams.rack.aware.assignment.tags',
      APPEND,
      'INVALID_CONFIG',
    ],
    ['names that begin like internal topics', GROUP, 'g', 'errors.deadletterqueue.topic.name', SET, 'INVALID_CONFIG'],
  ])('%s', async (_, resourceType, resourceName, name, configOperation, error) => {
    const value = configOperation === DELETE ? null : '__x'
    const resources = [{ resourceType, resourceName, configs: [{ name, configOperation, value }] }]
    const { responses } = await fixture.send(IncrementalAlterConfigs, 1, { resources, validateOnly: false })
    expect(responses.map(({ errorCode }) => errorName(errorCode))).toEqual([error])
  })
})
