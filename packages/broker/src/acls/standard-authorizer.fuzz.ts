import { SeededPrng } from '@odradek/core'
import { type Acl, aclKey } from './acl.ts'
import { AclTable } from './acl-table.ts'
import { RandomAcls } from './random-acls-fixture.ts'
import { referenceAnswer, referenceByResourceType } from './reference-evaluator-fixture.ts'
import { StandardAuthorizer } from './standard-authorizer.ts'

const SEEDS = Number(process.env['SEEDS'] ?? 3000)
const FIRST_SEED = Number(process.env['SEED'] ?? 1)
const QUESTIONS_PER_SET = 8
const SUPER_USERS = new Set(['User:root', 'User:a:b'])

/** ACLs come and go in several changes, as in a log; what is left is returned beside the table that has followed. */
function changingTable(random: RandomAcls): { table: AclTable; left: readonly Acl[] } {
  const table = new AclTable()
  const left = new Map<string, { id: string; acl: Acl }>()
  let nextId = 0
  for (let change = 0; change < 3; change++) {
    const changes = new Map<string, Acl | null>()
    for (const { id, acl } of [...left.values()]) {
      if (random.below(4) > 0) continue
      changes.set(id, null)
      left.delete(aclKey(acl))
    }
    for (let count = random.below(8); count > 0; count--) {
      const acl = random.acl()
      if (left.has(aclKey(acl))) continue
      const id = String(nextId++)
      changes.set(id, acl)
      left.set(aclKey(acl), { id, acl })
    }
    table.take(changes)
  }
  return { table, left: Array.from(left.values(), ({ acl }) => acl) }
}

test(`${SEEDS} random sets of ACLs from seed ${FIRST_SEED} on decide as the written rules do`, () => {
  const found = { allowed: 0, denied: 0, anyAllowed: 0, anyDenied: 0 }
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const random = new RandomAcls(new SeededPrng(seed))
    const { table, left } = changingTable(random)
    const everyone = random.below(2) === 0
    const authorizer = new StandardAuthorizer({
      index: table.index,
      superUsers: SUPER_USERS,
      allowEveryoneIfNoAclFound: everyone,
    })
    for (let count = 0; count < QUESTIONS_PER_SET; count++) {
      const question = random.question()
      const { principal, host, operation, type, name } = question
      const answers = {
        one: authorizer.authorize(principal, host, operation, type, name),
        any: authorizer.authorizeByResourceType(principal, host, operation, type),
      }
      const expected = {
        one: referenceAnswer(left, SUPER_USERS, everyone, question),
        any: referenceByResourceType(left, SUPER_USERS, everyone, question),
      }
      if (answers.one !== expected.one || answers.any !== expected.any)
        throw new Error(`seed ${seed}: ${JSON.stringify({ question, everyone, answers, expected, left })}`)
      found[answers.one ? 'allowed' : 'denied']++
      found[answers.any ? 'anyAllowed' : 'anyDenied']++
    }
  }
  // A run that only ever saw one answer would prove nothing.
  for (const count of Object.values(found)) expect(count).toBeGreaterThan(SEEDS / 10)
})
