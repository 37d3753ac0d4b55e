import {
  CreateAcls,
  type CreateAclsRequestInput,
  DescribeAcls,
  ErrorCode,
  SaslAuthenticate,
  SaslHandshake,
} from '@odradek/protocol'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'

/** Who may do everything, and lets the others have what they have. */
export const SUPER_USER = 'root'
const PASSWORD = 'secret'
const ACLS_PER_REQUEST = 1000

export type AclCreation = CreateAclsRequestInput['creations'][number]

/** The users that a broker must let in by PLAIN, besides the super user. */
export function jaasConfig(names: readonly string[]): string {
  const users = [SUPER_USER, ...names].map((user) => `user_${user}="${PASSWORD}"`)
  return `org.apache.kafka.common.security.plain.PlainLoginModule required ${users.join(' ')};`
}

export async function logIn(port: number, user: string): Promise<WireClient> {
  const client = await WireClient.open(port)
  await client.call(SaslHandshake, 1, { mechanism: 'PLAIN' })
  const authBytes = Buffer.from(`\0${user}\0${PASSWORD}`)
  const { errorCode } = await client.call(SaslAuthenticate, 2, { authBytes })
  if (errorCode !== ErrorCode.NONE) throw new Error(`${user} is not let in: ${errorCode}`)
  return client
}

/** Resolves when these ACLs, none of which may be there yet, are in force. */
export async function grant(root: WireClient, creations: readonly AclCreation[]): Promise<void> {
  const before = await countAcls(root)
  for (let from = 0; from < creations.length; from += ACLS_PER_REQUEST) {
    const { results } = await root.call(CreateAcls, 3, { creations: creations.slice(from, from + ACLS_PER_REQUEST) })
    const bad = results.find(({ errorCode }) => errorCode !== ErrorCode.NONE)
    if (bad !== undefined) throw new Error(`an ACL is refused: ${bad.errorCode} ${bad.errorMessage}`)
  }
  await until('all ACLs are in force', async () => (await countAcls(root)) === before + creations.length)
}

async function countAcls(root: WireClient): Promise<number> {
  const { resources } = await root.call(DescribeAcls, 3, {
    resourceTypeFilter: 1,
    resourceNameFilter: null,
    patternTypeFilter: 1,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  })
  return resources.reduce((sum, { acls }) => sum + acls.length, 0)
}
