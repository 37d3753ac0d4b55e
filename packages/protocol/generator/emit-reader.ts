import { defaultExpression } from './defaults.ts'
import { hasArrays, IN_TURNS, type Pace, WHOLE } from './pace.ts'
import { type Field, flexibleExpression, type Message, type Primitive, type Struct } from './resolve.ts'
import { condition, intersect, negated, usesVersion, type VersionRange } from './version-range.ts'

/** The method of reader and writer for a primitive; those of variable length have a nullable form and take `flexible`. */
export const primitiveMethods: Readonly<Record<Primitive, string>> = {
  bool: 'bool',
  int8: 'int8',
  int16: 'int16',
  uint16: 'uint16',
  int32: 'int32',
  uint32: 'uint32',
  int64: 'int64',
  float64: 'float64',
  uuid: 'uuid',
  string: 'string',
  bytes: 'byteArray',
  records: 'byteArray',
}

export function hasLength(primitive: Primitive): boolean {
  return primitive === 'string' || primitive === 'bytes' || primitive === 'records'
}

/** One function for each struct, which reads it in every version. */
export function emitReaders(message: Message): string[] {
  return message.structs.flatMap((struct) => [
    ...emitReader(message, struct, WHOLE),
    ...emitArrayReaders(message, struct, WHOLE),
  ])
}

/**
 * For each struct with arrays somewhere in it a second function, which yields after so many elements; and for the arrays
 * of those without.
 */
export function emitReadersInTurns(message: Message): string[] {
  return message.structs.flatMap((struct) => [
    ...(hasArrays(struct) ? emitReader(message, struct, IN_TURNS) : []),
    ...emitArrayReaders(message, struct, IN_TURNS),
  ])
}

function emitReader(message: Message, struct: Struct, pace: Pace): string[] {
  const expression = flexibleExpression(message, struct.versions)
  const flexible = expression.startsWith('version') ? 'flexible' : expression
  const body = [
    ...(flexible === 'flexible' ? [`  const flexible = ${expression}`] : []),
    `  const value: ${struct.typeName} = {`,
    ...struct.fields.map(
      (field) =>
        `    ${field.name}: ${field.tag === null ? presentOrDefault(field, struct, flexible, pace) : defaultExpression(field)},`,
    ),
    '  }',
    ...emitTags(message, struct, flexible, pace),
  ]
  const version = usesVersion(body) ? 'version' : '_version'
  return [
    `${pace.keyword} read${struct.typeName}${pace.suffix}(reader: Reader, ${version}: number): ${pace.result(struct.typeName)} {`,
    ...body,
    '  return value',
    '}',
    '',
  ]
}

function presentOrDefault(field: Field, struct: Struct, flexible: string, pace: Pace): string {
  const guard = condition(field.versions, struct.versions)
  const read = readExpression(field, field.versions, field.followsFlexible ? flexible : 'false', pace)
  return guard === null ? read : `${guard} ? ${read} : ${defaultExpression(field)}`
}

/** Reads a field in versions `within`, all of which have it. */
function readExpression(field: Field, within: VersionRange, flexible: string, pace: Pace): string {
  if (field.nullable === null) return readAs(field, '', flexible, pace)
  const guard = condition(field.nullable, within)
  const nullable = readAs(field, 'nullable', flexible, pace)
  return guard === null ? nullable : `(${guard} ? ${nullable} : ${readAs(field, '', flexible, pace)})`
}

function readAs(field: Field, prefix: '' | 'nullable', flexible: string, pace: Pace): string {
  const name = (method: string) => (prefix === '' ? method : `${prefix}${method[0]?.toUpperCase()}${method.slice(1)}`)
  if (field.element.kind === 'struct') {
    const { typeName } = field.element.struct
    if (field.isArray)
      return pace.call(`read${prefix === '' ? '' : 'Nullable'}${typeName}Array${pace.suffix}(reader, version)`)
    const read = readStruct(field.element.struct, pace)
    if (prefix === '') return read
    return `(reader.${field.tag === null ? 'structPresent' : 'taggedStructPresent'}() ? ${read} : null)`
  }
  const { primitive } = field.element
  const method = primitiveMethods[primitive]
  if (field.isArray) {
    const element = hasLength(primitive) ? `${method}(${flexible})` : `${method}()`
    return pace.call(`reader.${name('array')}${pace.suffix}(${flexible}, (element) => element.${element})`)
  }
  return hasLength(primitive) ? `reader.${name(method)}(${flexible})` : `reader.${method}()`
}

function readStruct(struct: Struct, pace: Pace): string {
  return hasArrays(struct)
    ? pace.call(`read${struct.typeName}${pace.suffix}(reader, version)`)
    : `read${struct.typeName}(reader, version)`
}

function emitTags(message: Message, struct: Struct, flexible: string, pace: Pace): string[] {
  const flexibleVersions = message.flexible === null ? null : intersect(message.flexible, struct.versions)
  if (flexibleVersions === null) return []
  const tagged = struct.fields.filter((field) => field.tag !== null)
  const body =
    tagged.length === 0
      ? ['reader.tags(value)']
      : [
          'for (let left = reader.tagCount(); left > 0; left--) {',
          '  const tag = reader.unsignedVarint()',
          '  const size = reader.tagSize()',
          '  switch (tag) {',
          ...tagged.flatMap((field) => emitTag(field, flexibleVersions, pace)),
          '    default:',
          '      reader.unknownTag(value, tag, size)',
          '  }',
          '}',
        ]
  if (flexible === 'true') return body.map((line) => `  ${line}`)
  if (body.length === 1) return [`  if (${flexible}) ${body[0]}`]
  return [`  if (${flexible}) {`, ...body.map((line) => `    ${line}`), '  }']
}

function emitTag(field: Field, within: VersionRange, pace: Pace): string[] {
  const guard = condition(field.versions, within)
  return [
    `    case ${field.tag}:`,
    ...(guard === null ? [] : [`      if (${negated(guard)}) throw reader.misplacedTag(tag, version)`]),
    `      value.${field.name} = ${readExpression(field, field.versions, 'true', pace)}`,
    '      break',
  ]
}

/** A loop of its own for each array of structs keeps the calls inside monomorphic. */
function emitArrayReaders(message: Message, struct: Struct, pace: Pace): string[] {
  const uses = message.structs
    .flatMap((owner) => owner.fields)
    .filter((field) => field.isArray && field.element.kind === 'struct' && field.element.struct === struct)
  if (uses.length === 0) return []
  const { typeName } = struct
  const flexible = flexibleExpression(message, struct.versions)
  const isRead = uses.some((field) => field.nullable === null || condition(field.nullable, field.versions) !== null)
  const isNullableRead = uses.some((field) => field.nullable !== null)
  const loop = [
    `  const values: ${typeName}[] = []`,
    ...pace.loop('for (let index = 0; index < length; index++)', `values.push(${readStruct(struct, pace)})`, 'reader'),
    '  return values',
    '}',
    '',
  ]
  return [
    ...(isRead
      ? [
          `${pace.keyword} read${typeName}Array${pace.suffix}(reader: Reader, version: number): ${pace.result(`${typeName}[]`)} {`,
          `  const length = reader.arrayLength(${flexible})`,
          ...loop,
        ]
      : []),
    ...(isNullableRead
      ? [
          `${pace.keyword} readNullable${typeName}Array${pace.suffix}(reader: Reader, version: number): ${pace.result(`${typeName}[] | null`)} {`,
          `  const length = reader.nullableArrayLength(${flexible})`,
          '  if (length < 0) return null',
          ...loop,
        ]
      : []),
  ]
}
