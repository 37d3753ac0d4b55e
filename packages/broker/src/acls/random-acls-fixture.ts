import { present, type SeededPrng } from '@odradek/core'
import type { AclOperation, ResourceType } from '../authorizer.ts'
import type { Acl } from './acl.ts'
import type { AclQuestion } from './reference-evaluator-fixture.ts'

const TYPES: readonly ResourceType[] = ['TOPIC', 'GROUP', 'CLUSTER', 'TRANSACTIONAL_ID', 'DELEGATION_TOKEN', 'USER']
const OPERATIONS: readonly AclOperation[] = [
  'READ',
  'WRITE',
  'CREATE',
  'DELETE',
  'ALTER',
  'DESCRIBE',
  'CLUSTER_ACTION',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
]
const PRINCIPALS = ['User:a', 'User:b', 'User:*', 'Group:a', 'user:a', 'User:a:b']
const HOSTS = ['*', '*', '*', '10.0.0.1', '10.0.0.2']
/** Few letters and short names, so that patterns meet. */
const LETTERS = ['a', 'b', '*', '-']

export class RandomAcls {
  private readonly prng: SeededPrng

  constructor(prng: SeededPrng) {
    this.prng = prng
  }

  acl(): Acl {
    return {
      resourceType: this.type(),
      resourceName: this.prng.below(4) === 0 ? '*' : this.name(1),
      patternType: this.prng.below(2) === 0 ? 'LITERAL' : 'PREFIXED',
      principal: this.one(PRINCIPALS),
      host: this.one(HOSTS),
      operation: this.prng.below(5) === 0 ? 'ALL' : this.one(OPERATIONS),
      permission: this.prng.below(3) === 0 ? 'DENY' : 'ALLOW',
    }
  }

  question(): AclQuestion {
    return {
      principal: this.one(PRINCIPALS),
      host: this.one(['10.0.0.1', '10.0.0.2', '*']),
      operation: this.one(OPERATIONS),
      type: this.type(),
      name: this.name(0),
    }
  }

  below(bound: number): number {
    return this.prng.below(bound)
  }

  one<T>(values: readonly T[]): T {
    return present(values[this.prng.below(values.length)], 'one of several')
  }

  private type(): ResourceType {
    return this.prng.below(3) === 0 ? this.one(TYPES) : 'TOPIC'
  }

  private name(lengthMin: number): string {
    return Array.from({ length: lengthMin + this.prng.below(4) }, () => this.one(LETTERS)).join('')
  }
}
