import { isDeepStrictEqual } from 'node:util'
import type { Field, Message, Primitive, Struct } from '../../generator/resolve.ts'
import type { VersionRange } from '../../generator/version-range.ts'

/** A tagged field outside the schema, as vectors write it: `path` is missing for the message itself. */
export interface VectorTag {
  readonly tag: number
  readonly hex: string
  readonly path?: string
}

export interface VectorValue {
  readonly value: unknown
  readonly unknownTags: readonly VectorTag[]
}

/**
 * A decoded message in the form of the vectors: the fields that `version` has on the wire, int64 as text, bytes as
 * base64, a tagged field only where it is not at its default.
 */
export function toVectorValue(message: Message, version: number, decoded: unknown): VectorValue {
  const unknownTags: VectorTag[] = []
  const value = structToJson(message.root, version, decoded, '', unknownTags)
  return { value, unknownTags }
}

/** The reverse: a value for the writer, with a default in every field that the vector leaves out. */
export function fromVectorValue(message: Message, version: number, vector: VectorValue): unknown {
  return structFromJson(message.root, version, vector.value, '', vector.unknownTags)
}

function structToJson(
  struct: Struct,
  version: number,
  decoded: unknown,
  path: string,
  unknownTags: VectorTag[],
): unknown {
  const source = entriesOf(decoded)
  for (const { tag, bytes } of tagList(source.get('unknownTags'))) {
    unknownTags.push({ tag, hex: Buffer.from(bytes).toString('hex'), ...(path === '' ? {} : { path }) })
  }
  const target: Record<string, unknown> = {}
  for (const field of struct.fields) {
    if (!covers(field.versions, version)) continue
    const value = source.get(field.name)
    if (value === undefined) throw new Error(`${struct.typeName}.${field.name} was not decoded`)
    const json = fieldToJson(field, version, value, below(path, field.name), unknownTags)
    const isLeftOut =
      field.tag !== null && isDeepStrictEqual(json, fieldToJson(field, version, defaultOf(field), '', []))
    if (!isLeftOut) target[field.name] = json
  }
  return target
}

function fieldToJson(field: Field, version: number, value: unknown, path: string, unknownTags: VectorTag[]): unknown {
  if (value === null) return null
  const { element } = field
  if (element.kind === 'primitive') {
    return field.isArray ? listOf(value).map((item) => primitiveToJson(item)) : primitiveToJson(value)
  }
  if (!field.isArray) return structToJson(element.struct, version, value, path, unknownTags)
  return listOf(value).map((item, index) =>
    structToJson(element.struct, version, item, `${path}[${index}]`, unknownTags),
  )
}

function primitiveToJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}

function structFromJson(
  struct: Struct,
  version: number,
  json: unknown,
  path: string,
  unknownTags: readonly VectorTag[],
): unknown {
  const source = entriesOf(json)
  const target: Record<string, unknown> & { unknownTags?: unknown } = {}
  for (const field of struct.fields) {
    const value = source.get(field.name)
    target[field.name] =
      value === undefined
        ? defaultOf(field)
        : fieldFromJson(field, version, value, below(path, field.name), unknownTags)
  }
  const own = unknownTags.filter((tag) => (tag.path ?? '') === path)
  if (own.length > 0) target.unknownTags = own.map(({ tag, hex }) => ({ tag, bytes: Buffer.from(hex, 'hex') }))
  return target
}

function fieldFromJson(
  field: Field,
  version: number,
  value: unknown,
  path: string,
  unknownTags: readonly VectorTag[],
): unknown {
  if (value === null) return null
  const { element } = field
  if (element.kind === 'primitive') {
    const { primitive } = element
    return field.isArray
      ? listOf(value).map((item) => primitiveFromJson(primitive, item))
      : primitiveFromJson(primitive, value)
  }
  if (!field.isArray) return structFromJson(element.struct, version, value, path, unknownTags)
  return listOf(value).map((item, index) =>
    structFromJson(element.struct, version, item, `${path}[${index}]`, unknownTags),
  )
}

function primitiveFromJson(primitive: Primitive, value: unknown): unknown {
  if (primitive === 'int64') return BigInt(String(value))
  return primitive === 'bytes' || primitive === 'records' ? Buffer.from(String(value), 'base64') : value
}

const zeros: Readonly<Record<Primitive, unknown>> = {
  bool: false,
  int8: 0,
  int16: 0,
  uint16: 0,
  int32: 0,
  uint32: 0,
  int64: 0n,
  float64: 0,
  uuid: 'AAAAAAAAAAAAAAAAAAAAAA',
  string: '',
  bytes: new Uint8Array(0),
  records: new Uint8Array(0),
}

function defaultOf(field: Field): unknown {
  if (field.default === null) return null
  if (field.isArray) return []
  const { element } = field
  if (element.kind === 'struct')
    return Object.fromEntries(element.struct.fields.map((inner) => [inner.name, defaultOf(inner)]))
  if (field.default === undefined) return zeros[element.primitive]
  return element.primitive === 'int64' ? BigInt(field.default) : field.default
}

function covers(range: VersionRange, version: number): boolean {
  return version >= range.min && version <= range.max
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`${String(value)} is no struct`)
  return new Map(Object.entries(value))
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${String(value)} is no array`)
  return value
}

function tagList(value: unknown): readonly { tag: number; bytes: Uint8Array }[] {
  return value === undefined ? [] : listOf(value).map((item) => tagOf(entriesOf(item)))
}

function tagOf(entries: ReadonlyMap<string, unknown>): { tag: number; bytes: Uint8Array } {
  const tag = entries.get('tag')
  const bytes = entries.get('bytes')
  if (typeof tag !== 'number' || !(bytes instanceof Uint8Array))
    throw new Error('an unknown tag without number or bytes')
  return { tag, bytes }
}
