import { timestamp } from '@odradek/core'
import { type AnyApi, apiByKey } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { frameOf } from '../bench/frame-of.ts'
import { arrayPaths, requestSpecs, requestValue, type SpecField, type ValueSource } from './request-specs.ts'

/** A request with very many elements in one of its arrays. */
export interface Storm {
  readonly name: string
  readonly key: number
  frame(): Uint8Array
}

const SCALARS: Readonly<Record<string, unknown>> = {
  acks: 1,
  brokerIds: 1,
  count: 2,
  entityType: 'client-id',
  groupId: 'a group',
  groupInstanceId: null,
  host: '*',
  includeDocumentation: true,
  includeSynonyms: true,
  iterations: 4096,
  key: 'producer_byte_rate',
  keyType: 0,
  maxBytes: 1_000_000,
  mechanism: 1,
  memberId: '',
  numPartitions: 1,
  operation: 3,
  partitionMaxBytes: 1_000_000,
  patternType: 3,
  patternTypeFilter: 3,
  permissionType: 3,
  principal: 'User:x',
  producerId: 1n,
  protocolType: 'consumer',
  replicaId: -1,
  replicationFactor: 1,
  resourceType: 2,
  resourceTypeFilter: 2,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  replicas: 1,
  timeoutMs: 60_000,
  timestamp: -1n,
  transactionTimeoutMs: 10_000,
  transactionalId: 'an id',
  validateOnly: false,
}

/** Of these an element of a storm needs none. */
const EMPTY: ReadonlySet<string> = new Set(['assignments', 'configs', 'configurationKeys', 'forgottenTopicsData'])

const records = buildBatch({
  records: [{ timestamp: timestamp(1n), key: null, value: Buffer.from('v'), headers: [] }],
})

/** For each array of each request that is served, in its first and its last version, one with `count` elements. */
export function nameStorms(served: ReadonlyMap<number, readonly [min: number, max: number]>, count: number): Storm[] {
  const storms: Storm[] = []
  for (const spec of requestSpecs().values()) {
    const versions = served.get(spec.key)
    const api = apiByKey(spec.key)
    if (versions === undefined || api === undefined) continue
    for (const version of new Set(versions)) {
      for (const path of arrayPaths(spec, version)) {
        const frame = () => write(api, version, requestValue(spec, version, sourceOf(path, count)))
        storms.push({ name: `${spec.name} ${version} ${path.join('.')}`, key: spec.key, frame })
      }
    }
  }
  return storms
}

function write(api: AnyApi, version: number, value: never): Uint8Array {
  return frameOf('storm', api, version, value)
}

function sourceOf(stormed: readonly string[], count: number): ValueSource {
  const isStormed = (path: readonly string[]) => path.join() === stormed.join()
  const leadsTo = (path: readonly string[]) => path.every((name, at) => stormed[at] === name)
  return {
    isNull: (field, path) => !leadsTo(path) && field.default === null,
    count: (field, path) => {
      if (isStormed(path)) return count
      return EMPTY.has(field.name) && !leadsTo(path) ? 0 : 1
    },
    scalar: (field, type, path, indexes) => {
      // The arrays around it have one element each.
      const isWithin = stormed.length <= path.length && stormed.every((name, at) => path[at] === name)
      return scalarOf(field, type, isWithin ? Math.max(0, ...indexes) : 0, isWithin)
    },
  }
}

function scalarOf(field: SpecField, type: string, index: number, isWithin: boolean): unknown {
  const { name } = field
  switch (type) {
    case 'string':
      return SCALARS[name] !== undefined && !isWithin ? SCALARS[name] : nameOf(name, index)
    case 'uuid':
      return Buffer.from(index.toString(16).padStart(32, '0'), 'hex').toString('base64url')
    case 'records':
      return records
    case 'bytes':
      return Buffer.alloc(32)
    case 'bool':
      return SCALARS[name] ?? false
    case 'float64':
      return 1000
    case 'int64':
      return SCALARS[name] ?? (isWithin ? BigInt(index) : 0n)
    default:
      // An element that is a number itself, or the partition of a topic.
      if (isWithin && field.type.startsWith('[]'))
        return index % 2 ** (type === 'int8' ? 7 : type === 'int16' ? 15 : 31)
      if (isWithin && /partition|index/i.test(name)) return index
      return SCALARS[name] ?? field.default ?? 0
  }
}

/** Fields that have a meaning keep it; all others are names. */
function nameOf(field: string, index: number): string {
  if (field === 'principal') return `User:${index}`
  if (field === 'host') return '*'
  if (field === 'entityType') return 'client-id'
  if (field === 'key') return 'producer_byte_rate'
  return `storm-${index}`
}
