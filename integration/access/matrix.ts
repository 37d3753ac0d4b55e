import {
  CreateDelegationToken,
  CreateTopics,
  DescribeDelegationToken,
  ErrorCode,
  FindCoordinator,
  InitProducerId,
  Metadata,
  OffsetCommit,
} from '@odradek/protocol'
import { until } from '../harness/until.ts'
import type { WireClient } from '../harness/wire-client.ts'
import { type AccessRow, type AccessWorld, GROUP, type Right, TOPIC, TRANSACTIONAL_ID } from './access-row.ts'
import { ALL_OPERATIONS, ALLOW, CLUSTER_NAME, DENY, LITERAL, OPERATIONS, RESOURCES } from './acl-codes.ts'
import type { Recording } from './recorded.ts'
import { type AclCreation, grant, logIn, SUPER_USER } from './users.ts'

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

interface Played {
  readonly finding: string | null
  readonly codes: readonly number[]
}

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

export interface PlayedMatrix {
  /** A sentence for each case that went otherwise than its row says. */
  readonly findings: readonly string[]
  /** Every error code of every answer, by the names of row and case, but for rows whose codes vary. */
  readonly codes: Recording
}

/** Plays all cases against a broker that lets their users in on this port. */
export async function playMatrix(port: number, cases: readonly AccessCase[]): Promise<PlayedMatrix> {
  const root = await logIn(port, SUPER_USER)
  const world = await prepare(root)
  await grant(root, cases.flatMap(creationsOf))
  const findings: string[] = []
  const codes: Record<string, Record<string, readonly number[]>> = {}
  for (const each of cases) {
    const { row, has } = each
    const played = await play(port, each, world)
    if (played.finding !== null) findings.push(`${row.name}, with ${has}: ${played.finding}`)
    if (row.codesVary) continue
    const ofRow = codes[row.name] ?? {}
    if (has in ofRow) throw new Error(`two cases of ${row.name} are called '${has}': give one row a note`)
    codes[row.name] = { ...ofRow, [has]: played.codes }
  }
  root.close()
  return { findings, codes }
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
  await root.call(CreateDelegationToken, 2, { renewers: [], maxLifetimeMs: -1n })
  await until('a token is there', async () => {
    const { tokens } = await root.call(DescribeDelegationToken, 2, { owners: null })
    return tokens.length > 0
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
function creationsOf({ user, allowed, denied, hasAll }: AccessCase): AclCreation[] {
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
    resourceName: resourceType === RESOURCES.CLUSTER ? CLUSTER_NAME : '*',
    operation: ALL_OPERATIONS,
    permissionType: ALLOW,
  }))
  return [
    ...allowed.map((right) => aclOf(right, ALLOW)),
    ...denied.map((right) => aclOf(right, DENY)),
    ...(hasAll ? everything : []),
  ]
}

async function play(port: number, each: AccessCase, world: AccessWorld): Promise<Played> {
  const client = await logIn(port, each.user)
  try {
    const answer = await each.row.ask(client, world)
    const codes = [...errorCodesIn(answer)]
    return { codes, finding: judge(each, answer, codes) }
  } catch (error) {
    return { codes: [], finding: error instanceof Error ? error.message : String(error) }
  } finally {
    client.close()
  }
}

function judge({ row, refusal }: AccessCase, answer: unknown, codes: readonly number[]): string | null {
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
