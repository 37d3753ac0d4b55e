import type { ApiSpec, FieldSpec, MessageSpec, StructSpec } from './spec.ts'
import { condition, intersect, parseRange, type VersionRange } from './version-range.ts'

const primitives = [
  'bool',
  'int8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'float64',
  'uuid',
  'string',
  'bytes',
  'records',
] as const

export type Primitive = (typeof primitives)[number]

export type ElementType =
  | { readonly kind: 'primitive'; readonly primitive: Primitive }
  | { readonly kind: 'struct'; readonly struct: Struct }

export interface Field {
  readonly name: string
  readonly element: ElementType
  readonly isArray: boolean
  readonly versions: VersionRange
  readonly nullable: VersionRange | null
  readonly tag: number | null
  /** As the spec gives it: undefined where the default is the type's own zero. */
  readonly default: string | number | boolean | null | undefined
  readonly ignorable: boolean
  /** False for the one string that keeps its old form in every version. */
  readonly followsFlexible: boolean
}

/** One struct of a message, the message itself included; `versions` are those in which it can appear. */
export interface Struct {
  readonly typeName: string
  readonly versions: VersionRange
  readonly fields: readonly Field[]
}

/** What the emitters work on: names made unique, ranges cut to what is possible, structs in the order they are needed. */
export interface Message {
  readonly name: string
  readonly versions: VersionRange
  /** Null where no version is flexible. */
  readonly flexible: VersionRange | null
  readonly isResponse: boolean
  readonly root: Struct
  /** Root last. */
  readonly structs: readonly Struct[]
}

export function resolveRequest(spec: ApiSpec): Message {
  return resolveMessage({
    ...spec,
    name: `${spec.name}Request`,
    fields: spec.request,
    structs: spec.requestStructs,
    isResponse: false,
  })
}

export function resolveResponse(spec: ApiSpec): Message {
  return resolveMessage({
    ...spec,
    name: `${spec.name}Response`,
    fields: spec.response,
    structs: spec.responseStructs,
    isResponse: true,
  })
}

/** A header, a record or an embedded structure. */
export function resolveStandalone(spec: MessageSpec): Message {
  return resolveMessage({ ...spec, structs: spec.structs, isResponse: false })
}

interface MessageSource {
  readonly name: string
  readonly versions: string
  readonly flexible?: string
  readonly fields: readonly FieldSpec[]
  readonly structs: readonly StructSpec[] | undefined
  readonly isResponse: boolean
}

function resolveMessage(source: MessageSource): Message {
  const versions = parseRange(source.versions)
  const resolver = new Resolver(source.name, source.structs ?? [], versions)
  const root = resolver.struct(source.name, source.fields, versions)
  return {
    name: source.name,
    versions,
    flexible: source.flexible === undefined ? null : intersect(parseRange(source.flexible), versions),
    isResponse: source.isResponse,
    root,
    structs: resolver.structs,
  }
}

class Resolver {
  readonly structs: Struct[] = []
  private readonly shared = new Map<string, Struct>()
  private readonly messageName: string
  private readonly sharedSpecs: readonly StructSpec[]
  private readonly versions: VersionRange

  constructor(messageName: string, sharedSpecs: readonly StructSpec[], versions: VersionRange) {
    this.messageName = messageName
    this.sharedSpecs = sharedSpecs
    this.versions = versions
  }

  struct(typeName: string, fields: readonly FieldSpec[], versions: VersionRange): Struct {
    const struct = { typeName, versions, fields: fields.map((field) => this.field(field, versions)) }
    if (this.structs.some((other) => other.typeName === typeName)) throw new Error(`two structs are named ${typeName}`)
    this.structs.push(struct)
    return struct
  }

  private field(spec: FieldSpec, outer: VersionRange): Field {
    const place = `${this.messageName}.${spec.name}`
    const versions = spec.versions === undefined ? outer : intersect(parseRange(spec.versions), outer)
    if (versions === null) throw new Error(`${place} is in no version: ${spec.versions}`)
    const nullable =
      spec.nullable === undefined
        ? null
        : spec.nullable === true
          ? versions
          : intersect(parseRange(spec.nullable), versions)
    return {
      name: spec.name,
      element: this.element(spec, versions),
      isArray: spec.type.startsWith('[]'),
      versions,
      nullable,
      tag: spec.tag ?? null,
      default: spec.default,
      ignorable: spec.ignorable === true,
      followsFlexible: spec.flexible === undefined,
    }
  }

  private element(spec: FieldSpec, versions: VersionRange): ElementType {
    const name = spec.type.replace(/^\[\]/, '')
    const primitive = primitives.find((known) => known === name)
    if (primitive !== undefined) return { kind: 'primitive', primitive }
    const typeName = `${this.messageName}${name}`
    if (spec.fields !== undefined) return { kind: 'struct', struct: this.struct(typeName, spec.fields, versions) }
    return { kind: 'struct', struct: this.sharedStruct(typeName, name) }
  }

  /** A struct that several fields use; it can appear in any version of the message. */
  private sharedStruct(typeName: string, name: string): Struct {
    const known = this.shared.get(name)
    if (known !== undefined) return known
    const spec = this.sharedSpecs.find((candidate) => candidate.name === name)
    if (spec === undefined) throw new Error(`${this.messageName}: no type is called ${name}`)
    const struct = this.struct(typeName, spec.fields, this.versions)
    this.shared.set(name, struct)
    return struct
  }
}

/** The expression that says whether a version of `within` is flexible: `true`, `false` or a comparison. */
export function flexibleExpression(message: Message, within: VersionRange): string {
  const flexible = message.flexible === null ? null : intersect(message.flexible, within)
  if (flexible === null) return 'false'
  return condition(flexible, within) ?? 'true'
}
