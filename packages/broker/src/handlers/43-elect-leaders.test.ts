import { ElectLeaders, errorName } from '@odradek/protocol'
import type { Authorizer } from '../authorizer.ts'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

const VERSIONS = [0, 1, 2]
const PREFERRED = 0
const UNCLEAN = 1

/** `c` has three replicas a partition, `single` one. */
async function start(): Promise<MetadataFixture> {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  const assigned = (...assignments: number[][]) => ({
    partitions: -1,
    replicationFactor: -1,
    assignments: assignments.map((replicas, partition) => ({ partition, replicas })),
  })
  await fixture.create(
    topicCommand('c', assigned([1, 2, 3], [2, 3, 1], [3, 1, 2])),
    topicCommand('single', assigned([3], [1])),
  )
  return fixture
}

/** Code by partition, in words; versions before 1 know preferred elections only. */
async function elect(
  fixture: MetadataFixture,
  version: number,
  topicPartitions: { topic: string; partitions: number[] }[] | null,
  more: { electionType?: number; timeoutMs?: number; authorizer?: Authorizer } = {},
) {
  const { electionType, timeoutMs = 1000, authorizer } = more
  const request = { topicPartitions, timeoutMs, ...(electionType === undefined ? {} : { electionType }) }
  const options = authorizer === undefined ? {} : { authorizer }
  const { errorCode, replicaElectionResults } = await fixture.send(ElectLeaders, version, request, options)
  const rows = replicaElectionResults.map(({ topic, partitionResult }) => {
    return `${topic} ${partitionResult.map((row) => `${row.partitionId}:${errorName(row.errorCode)}`)}`
  })
  return { errorCode: errorName(errorCode), rows }
}

const three = (topic: string) => ({ topic, partitions: [0, 1, 2] })

describe.each(VERSIONS)('v%i', (version) => {
  test('the preferred replica leads again, in a new epoch, and only where another does', async () => {
    const fixture = await start()
    await fixture.stopNode(3)
    await fixture.startNode(3)
    expect(fixture.partitions('c')).toEqual(['1/0 1,2,3|1,2,3', '2/0 2,3,1|1,2,3', '1/1 3,1,2|1,2,3'])
    expect(await elect(fixture, version, [three('c'), { topic: 'c', partitions: [2] }])).toEqual({
      errorCode: 'NONE',
      rows: ['c 0:ELECTION_NOT_NEEDED,1:ELECTION_NOT_NEEDED,2:NONE', 'c 2:ELECTION_NOT_NEEDED'],
    })
    expect(fixture.partitions('c')[2]).toBe('3/2 3,1,2|1,2,3')
  })

  test('without a list all partitions are meant, and those that needed none are left out', async () => {
    const fixture = await start()
    await fixture.stopNode(3)
    expect(await elect(fixture, version, null)).toEqual({
      errorCode: 'NONE',
      rows: ['c 2:PREFERRED_LEADER_NOT_AVAILABLE', 'single 0:PREFERRED_LEADER_NOT_AVAILABLE'],
    })
    await fixture.startNode(3)
    expect(await elect(fixture, version, null)).toEqual({ errorCode: 'NONE', rows: ['c 2:NONE', 'single '] })
    expect(await elect(fixture, version, [])).toEqual({ errorCode: 'NONE', rows: [] })
  })

  test('what is not there, and a preferred replica that is down', async () => {
    const fixture = await start()
    await fixture.stopNode(3)
    const topics = [three('c'), three('single'), { topic: 'nope', partitions: [0] }, { topic: '', partitions: [-1] }]
    expect(await elect(fixture, version, topics)).toEqual({
      errorCode: 'NONE',
      rows: [
        'c 0:ELECTION_NOT_NEEDED,1:ELECTION_NOT_NEEDED,2:PREFERRED_LEADER_NOT_AVAILABLE',
        'single 0:PREFERRED_LEADER_NOT_AVAILABLE,1:ELECTION_NOT_NEEDED,2:UNKNOWN_TOPIC_OR_PARTITION',
        'nope 0:UNKNOWN_TOPIC_OR_PARTITION',
        ' -1:UNKNOWN_TOPIC_OR_PARTITION',
      ],
    })
  })

  test('no time is too late, and nothing is begun', async () => {
    const fixture = await start()
    await fixture.stopNode(3)
    await fixture.startNode(3)
    const errorCode = version === 0 ? 'NONE' : 'REQUEST_TIMED_OUT'
    expect(await elect(fixture, version, [{ topic: 'c', partitions: [2] }], { timeoutMs: 0 })).toEqual({
      errorCode,
      rows: ['c 2:REQUEST_TIMED_OUT'],
    })
    expect(await elect(fixture, version, null, { timeoutMs: -1 })).toEqual({ errorCode, rows: [] })
    expect(fixture.partitions('c')[2]).toBe('1/1 3,1,2|1,2,3')
  })

  test('needs ALTER of the cluster', async () => {
    const fixture = await start()
    const authorizer: Authorizer = { authorize: (_principal, _host, operation) => operation !== 'ALTER' }
    expect(await elect(fixture, version, [{ topic: 'c', partitions: [0] }], { authorizer })).toEqual({
      errorCode: version === 0 ? 'NONE' : 'CLUSTER_AUTHORIZATION_FAILED',
      rows: ['c 0:CLUSTER_AUTHORIZATION_FAILED'],
    })
  })
})

describe.each([1, 2])('v%i, with a type', (version) => {
  test('an unclean election is for partitions without a leader, and needs a replica that is up', async () => {
    const fixture = await start()
    await fixture.stopNode(3)
    const topics = [three('c'), three('single')]
    expect(await elect(fixture, version, topics, { electionType: UNCLEAN })).toEqual({
      errorCode: 'NONE',
      rows: [
        'c 0:ELECTION_NOT_NEEDED,1:ELECTION_NOT_NEEDED,2:ELECTION_NOT_NEEDED',
        'single 0:ELIGIBLE_LEADERS_NOT_AVAILABLE,1:ELECTION_NOT_NEEDED,2:UNKNOWN_TOPIC_OR_PARTITION',
      ],
    })
    expect((await elect(fixture, version, topics, { electionType: PREFERRED })).rows[0]).toContain('2:PREFERRED')
  })

  test.each([2, -1])('type %i is none', async (electionType) => {
    const fixture = await start()
    expect(await elect(fixture, version, [{ topic: 'c', partitions: [0] }], { electionType })).toEqual({
      errorCode: 'INVALID_REQUEST',
      rows: ['c 0:INVALID_REQUEST'],
    })
    expect(await elect(fixture, version, null, { electionType })).toEqual({ errorCode: 'INVALID_REQUEST', rows: [] })
    expect(await elect(fixture, version, [], { electionType })).toEqual({ errorCode: 'NONE', rows: [] })
    const late = await elect(fixture, version, null, { electionType, timeoutMs: 0 })
    expect(late).toEqual({ errorCode: 'REQUEST_TIMED_OUT', rows: [] })
  })
})
