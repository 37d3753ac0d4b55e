import { defaultExpression } from './defaults.ts'
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
  return message.structs.flatMap((struct) => emitReader(message, struct))
}

function emitReader(message: Message, struct: Struct): string[] {
  const expression = flexibleExpression(message, struct.versions)
  const flexible = expression.startsWith('version') ? 'flexible' : expression
  const body = [
    ...(flexible === 'flexible' ? [`  const flexible = ${expression}`] : []),
    `  const value: ${struct.typeName} = {`,
    ...struct.fields.map(
      (field) =>
        `    ${field.name}: ${field.tag === null ? presentOrDefault(field, struct, flexible) : defaultExpression(field)},`,
    ),
    '  }',
    ...emitTags(message, struct, flexible),
  ]
  const version = usesVersion(body) ? 'version' : '_version'
  return [
    `function read${struct.typeName}(reader: Reader, ${version}: number): ${struct.typeName} {`,
    ...body,
    '  return value',
    '}',
    '',
    ...emitArrayReaders(message, struct),
  ]
}

function presentOrDefault(field: Field, struct: Struct, flexible: string): string {
  const guard = condition(field.versions, struct.versions)
  const read = readExpression(field, field.versions, field.followsFlexible ? flexible : 'false')
  return guard === null ? read : `${guard} ? ${read} : ${defaultExpression(field)}`
}

/** Reads a field in versions `within`, all of which have it. */
function readExpression(field: Field, within: VersionRange, flexible: string): string {
  if (field.nullable === null) return readAs(field, '', flexible)
  const guard = condition(field.nullable, within)
  const nullable = readAs(field, 'nullable', flexible)
  return guard === null ? nullable : `(${guard} ? ${nullable} : ${readAs(field, '', flexible)})`
}

function readAs(field: Field, prefix: '' | 'nullable', flexible: string): string {
  const name = (method: string) => (prefix === '' ? method : `${prefix}${method[0]?.toUpperCase()}${method.slice(1)}`)
  if (field.element.kind === 'struct') {
    const { typeName } = field.element.struct
    if (field.isArray)
      return prefix === '' ? `read${typeName}Array(reader, version)` : `readNullable${typeName}Array(reader, version)`
    const read = `read${typeName}(reader, version)`
    if (prefix === '') return read
    return `(reader.${field.tag === null ? 'structPresent' : 'taggedStructPresent'}() ? ${read} : null)`
  }
  const { primitive } = field.element
  const method = primitiveMethods[primitive]
  if (field.isArray) {
    const element = hasLength(primitive) ? `${method}(${flexible})` : `${method}()`
    return `reader.${name('array')}(${flexible}, (element) => element.${element})`
  }
  return hasLength(primitive) ? `reader.${name(method)}(${flexible})` : `reader.${method}()`
}

function emitTags(message: Message, struct: Struct, flexible: string): string[] {
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
          ...tagged.flatMap((field) => emitTag(field, flexibleVersions)),
          '    default:',
          '      reader.unknownTag(value, tag, size)',
          '  }',
          '}',
        ]
  if (flexible === 'true') return body.map((line) => `  ${line}`)
  if (body.length === 1) return [`  if (${flexible}) ${body[0]}`]
  return [`  if (${flexible}) {`, ...body.map((line) => `    ${line}`), '  }']
}

function emitTag(field: Field, within: VersionRange): string[] {
  const guard = condition(field.versions, within)
  return [
    `    case ${field.tag}:`,
    ...(guard === null ? [] : [`      if (${negated(guard)}) throw reader.misplacedTag(tag, version)`]),
    `      value.${field.name} = ${readExpression(field, field.versions, 'true')}`,
    '      break',
  ]
}

/** A loop of its own for each array of structs keeps the calls inside monomorphic. */
function emitArrayReaders(message: Message, struct: Struct): string[] {
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
    `  for (let index = 0; index < length; index++) values.push(read${typeName}(reader, version))`,
    '  return values',
    '}',
    '',
  ]
  return [
    ...(isRead
      ? [
          `function read${typeName}Array(reader: Reader, version: number): ${typeName}[] {`,
          `  const length = reader.arrayLength(${flexible})`,
          ...loop,
        ]
      : []),
    ...(isNullableRead
      ? [
          `function readNullable${typeName}Array(reader: Reader, version: number): ${typeName}[] | null {`,
          `  const length = reader.nullableArrayLength(${flexible})`,
          '  if (length < 0) return null',
          ...loop,
        ]
      : []),
  ]
}
