import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const SPECS = resolve(process.cwd(), 'protocol-specs/apis')

/** A field of a request as protocol-specs has it. */
export interface SpecField {
  readonly name: string
  readonly type: string
  readonly versions?: string
  readonly nullable?: true | string
  readonly default?: string | number | boolean | null
  readonly fields?: readonly SpecField[]
}

/** One API's request. */
export interface RequestSpec {
  readonly key: number
  readonly name: string
  readonly request: readonly SpecField[]
  readonly requestStructs?: readonly { readonly name: string; readonly fields: readonly SpecField[] }[]
}

/** Says what stands in each place of a request; `path` has the names of the fields from the outermost on. */
export interface ValueSource {
  isNull(field: SpecField, path: readonly string[]): boolean
  count(field: SpecField, path: readonly string[]): number
  /** `indexes` are the places in the arrays around it. */
  scalar(field: SpecField, type: string, path: readonly string[], indexes: readonly number[]): unknown
}

/** By key. */
export function requestSpecs(): ReadonlyMap<number, RequestSpec> {
  const specs = readdirSync(SPECS).map((file): RequestSpec => JSON.parse(readFileSync(resolve(SPECS, file), 'utf8')))
  return new Map(specs.map((spec) => [spec.key, spec]))
}

/** A request in one version, for the codec to write. */
export function requestValue(spec: RequestSpec, version: number, source: ValueSource): never {
  return new Builder(spec, version, source).struct(spec.request, [], []) as never
}

/** Paths of all arrays of a request in one version. */
export function arrayPaths(spec: RequestSpec, version: number): readonly (readonly string[])[] {
  const found: (readonly string[])[] = []
  const look = (fields: readonly SpecField[], path: readonly string[]): void => {
    for (const field of fields) {
      if (!isIn(field.versions, version)) continue
      const inner = [...path, field.name]
      if (field.type.startsWith('[]')) found.push(inner)
      if (inner.length < DEPTH_MAX) look(structOf(spec, field) ?? [], inner)
    }
  }
  look(spec.request, [])
  return found
}

/** Structs may hold themselves. */
const DEPTH_MAX = 6

class Builder {
  private readonly spec: RequestSpec
  private readonly version: number
  private readonly source: ValueSource

  constructor(spec: RequestSpec, version: number, source: ValueSource) {
    this.spec = spec
    this.version = version
    this.source = source
  }

  struct(fields: readonly SpecField[], path: readonly string[], indexes: readonly number[]): Record<string, unknown> {
    const value: Record<string, unknown> = {}
    for (const field of fields) {
      if (!isIn(field.versions, this.version)) continue
      value[field.name] = this.field(field, [...path, field.name], indexes)
    }
    return value
  }

  private field(field: SpecField, path: readonly string[], indexes: readonly number[]): unknown {
    const { nullable } = field
    const mayBeNull = nullable === true || (nullable !== undefined && isIn(nullable, this.version))
    if (mayBeNull && (path.length >= DEPTH_MAX || this.source.isNull(field, path))) return null
    if (!field.type.startsWith('[]')) return this.one(field, field.type, path, indexes)
    const count = path.length >= DEPTH_MAX ? 0 : this.source.count(field, path)
    return Array.from({ length: count }, (_, index) => this.one(field, field.type.slice(2), path, [...indexes, index]))
  }

  private one(field: SpecField, type: string, path: readonly string[], indexes: readonly number[]): unknown {
    const fields = structOf(this.spec, field)
    return fields === undefined ? this.source.scalar(field, type, path, indexes) : this.struct(fields, path, indexes)
  }
}

function structOf({ requestStructs }: RequestSpec, field: SpecField): readonly SpecField[] | undefined {
  if (field.fields !== undefined) return field.fields
  return requestStructs?.find(({ name }) => name === field.type.replace('[]', ''))?.fields
}

const ranges = new Map<string, readonly [min: number, max: number]>()

function isIn(range: string | undefined, version: number): boolean {
  if (range === undefined) return true
  let known = ranges.get(range)
  if (known === undefined) {
    known = rangeOf(range)
    ranges.set(range, known)
  }
  return version >= known[0] && version <= known[1]
}

/** `3`, `3-5` or `3+`. */
function rangeOf(range: string): readonly [min: number, max: number] {
  const [, min = '0', rest = ''] = /^(\d+)(\+|-\d+)?$/.exec(range) ?? []
  const max = rest === '+' ? Number.POSITIVE_INFINITY : rest === '' ? Number(min) : Number(rest.slice(1))
  return [Number(min), max]
}
