import {
  CreateAcls,
  CreateTopics,
  DescribeAcls,
  ErrorCode,
  FindCoordinator,
  InitProducerId,
  Metadata,
  OffsetCommit,
  SaslAuthenticate,
  SaslHandshake,
} from '@odradek/protocol'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import {
  type AccessRow,
  type AccessWorld,
  GROUP,
  OPERATIONS,
  RESOURCES,
  type Right,
  TOPIC,
  TRANSACTIONAL_ID,
} from './access-row.ts'

/** Who may do everything, and lets the others have what they have. */
export const SUPER_USER = 'root'
const PASSWORD = 'secret'

/** One row, asked by one who has some of the rights that there are. */
export interface AccessCase {
  readonly row: AccessRow
  readonly user: string
  /** What this one has, in words. */
  readonly has: string
  readonly allowed: readonly Right[]
  readonly denied: readonly Right[]
  /** Everything else is allowed. */
  readonly hasAll: boolean
  /** The error that is expected; null: none that has to do with rights. */
  readonly refusal: number | null
}

const REFUSALS: readonly number[] = [
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.GROUP_AUTHORIZATION_FAILED,
  ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED,
]
const ALL = 2
const DENY = 2
const ALLOW = 3
const LITERAL = 3
const ACLS_PER_REQUEST = 1000

type CaseTerms = Pick<AccessCase, 'has' | 'refusal'> & Partial<AccessCase>

/** The cases of all rows, each with a user of its own; those that are refused come first, since the others may change what is there. */
export function accessCases(rows: readonly AccessRow[]): readonly AccessCase[] {
  let users = 0
  return rows.flatMap((row) => {
    const cases: CaseTerms[] = row.ways.length === 0 ? [{ has: 'nothing', refusal: null }] : refusedCases(row)
    if (!row.onlyRefused) {
      for (const way of row.ways) cases.push({ has: namesOf(way), allowed: way, refusal: null })
      cases.push({ has: 'everything', hasAll: true, refusal: null })
    }
    return cases.map(
      (terms): AccessCase => ({ row, user: `u${users++}`, allowed: [], denied: [], hasAll: false, ...terms }),
    )
  })
}

function refusedCases({ ways, denied }: AccessRow): CaseTerms[] {
  const [first] = ways.flat()
  const cases: CaseTerms[] = [{ has: 'nothing', refusal: first?.refusal ?? null }]
  for (const way of ways.filter(({ length }) => length > 1)) {
    for (const lacking of way) {
      const allowed = way.filter((right) => right !== lacking)
      cases.push({ has: `only ${namesOf(allowed)}`, allowed, refusal: lacking.refusal })
    }
  }
  if (denied[0] !== undefined) {
    const has = `everything but ${namesOf(denied)}, which is denied`
    cases.push({ has, hasAll: true, denied, refusal: denied[0].refusal })
  }
  return cases
}

function namesOf(rights: readonly Right[]): string {
  return rights.map(({ operation, resource, name }) => `${operation} ${resource} ${name}`).join(' and ')
}

/** The users that a broker must let in by PLAIN. */
export function jaasConfig(cases: readonly AccessCase[]): string {
  const users = [SUPER_USER, ...cases.map(({ user }) => user)].map((user) => `user_${user}="${PASSWORD}"`)
  return `org.apache.kafka.common.security.plain.PlainLoginModule required ${users.join(' ')};`
}

/** Plays all cases against a broker on this port; returns a sentence for each that went otherwise than expected. */
export async function playMatrix(port: number, cases: readonly AccessCase[]): Promise<readonly string[]> {
  const root = await logIn(port, SUPER_USER)
  const world = await prepare(root)
  await grant(root, cases)
  const findings: string[] = []
  for (const each of cases) {
    const finding = await play(port, each, world)
    if (finding !== null) findings.push(`${each.row.name}, with ${each.has}: ${finding}`)
  }
  root.close()
  return findings
}

async function logIn(port: number, user: string): Promise<WireClient> {
  const client = await WireClient.open(port)
  await client.call(SaslHandshake, 1, { mechanism: 'PLAIN' })
  const authBytes = Buffer.from(`\0${user}\0${PASSWORD}`)
  const { errorCode } = await client.call(SaslAuthenticate, 2, { authBytes })
  if (errorCode !== ErrorCode.NONE) throw new Error(`${user} is not let in: ${errorCode}`)
  return client
}

async function prepare(root: WireClient): Promise<AccessWorld> {
  const topic = { name: TOPIC, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  await root.call(CreateTopics, 5, { topics: [topic], timeoutMs: 10_000 })
  const topics = [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 0n, committedMetadata: '' }] }]
  await until('the topic is there', async () => (await topicIdOf(root)) !== null)
  await until('the coordinators are there', async () => {
    await root.call(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [GROUP] })
    await root.call(FindCoordinator, 4, { keyType: 1, coordinatorKeys: [TRANSACTIONAL_ID] })
    const commit = await root.call(OffsetCommit, 8, { groupId: GROUP, generationIdOrMemberEpoch: -1, topics })
    const id = await root.call(InitProducerId, 3, { transactionalId: TRANSACTIONAL_ID, transactionTimeoutMs: 60_000 })
    return commit.topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE && id.errorCode === ErrorCode.NONE
  })
  const topicId = await topicIdOf(root)
  if (topicId === null) throw new Error('the topic is gone')
  return { topicId }
}

async function topicIdOf(root: WireClient): Promise<string | null> {
  const { topics } = await root.call(Metadata, 12, { topics: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAA', name: TOPIC }] })
  const [found] = topics
  return found?.errorCode === ErrorCode.NONE ? found.topicId : null
}

/** The ACLs of one case's user. */
function creationsOf({ user, allowed, denied, hasAll }: AccessCase) {
  const acl = { resourcePatternType: LITERAL, principal: `User:${user}`, host: '*' }
  const aclOf = ({ operation, resource, name }: Right, permissionType: number) => ({
    ...acl,
    resourceType: RESOURCES[resource],
    resourceName: name,
    operation: OPERATIONS[operation],
    permissionType,
  })
  const everything = Object.values(RESOURCES).map((resourceType) => ({
    ...acl,
    resourceType,
    resourceName: resourceType === RESOURCES.CLUSTER ? 'kafka-cluster' : '*',
    operation: ALL,
    permissionType: ALLOW,
  }))
  return [
    ...allowed.map((right) => aclOf(right, ALLOW)),
    ...denied.map((right) => aclOf(right, DENY)),
    ...(hasAll ? everything : []),
  ]
}

async function grant(root: WireClient, cases: readonly AccessCase[]): Promise<void> {
  const creations = cases.flatMap(creationsOf)
  for (let from = 0; from < creations.length; from += ACLS_PER_REQUEST) {
    const { results } = await root.call(CreateAcls, 3, { creations: creations.slice(from, from + ACLS_PER_REQUEST) })
    const bad = results.find(({ errorCode }) => errorCode !== ErrorCode.NONE)
    if (bad !== undefined) throw new Error(`an ACL is refused: ${bad.errorCode} ${bad.errorMessage}`)
  }
  await until('all ACLs are in force', async () => {
    const { resources } = await root.call(DescribeAcls, 3, {
      resourceTypeFilter: 1,
      resourceNameFilter: null,
      patternTypeFilter: 1,
      principalFilter: null,
      hostFilter: null,
      operation: 1,
      permissionType: 1,
    })
    return resources.reduce((sum, { acls }) => sum + acls.length, 0) === creations.length
  })
}

async function play(port: number, each: AccessCase, world: AccessWorld): Promise<string | null> {
  const client = await logIn(port, each.user)
  try {
    return judge(each, await each.row.ask(client, world))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    client.close()
  }
}

function judge({ row, refusal }: AccessCase, answer: unknown): string | null {
  const codes = [...errorCodesIn(answer)]
  const isHidden = row.hides?.(answer) ?? null
  if (refusal === null) {
    const refused = codes.filter((code) => REFUSALS.includes(code))
    if (refused.length > 0) return `refused with ${refused}`
    return isHidden === true ? `nothing is shown: ${JSON.stringify(codes)}` : null
  }
  if (isHidden !== null && !codes.includes(refusal)) return isHidden ? null : 'what should be hidden is shown'
  return codes.includes(refusal) ? null : `expected ${refusal}, not ${JSON.stringify(codes)}`
}

/** Every error code of an answer, at any depth, but for those that only keep back a part of it. */
function* errorCodesIn(value: unknown): Generator<number, void, void> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  for (const [name, child] of Object.entries(value)) {
    if (/^(partitionE|e)rrorCode$/.test(name) && typeof child === 'number') yield child
    else yield* errorCodesIn(child)
  }
}
