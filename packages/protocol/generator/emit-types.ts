import type { ElementType, Field, Message, Primitive, Struct } from './resolve.ts'

const primitiveTypes: Readonly<Record<Primitive, string>> = {
  bool: 'boolean',
  int8: 'number',
  int16: 'number',
  uint16: 'number',
  int32: 'number',
  uint32: 'number',
  int64: 'bigint',
  float64: 'number',
  uuid: 'string',
  string: 'string',
  bytes: 'Uint8Array',
  records: 'Uint8Array',
}

/**
 * Messages whose writer takes an int64 also as a number, where one is exact, so that no big integer is made of each offset
 * that is answered. Not where a default is told from other values, which a comparison with -1n does.
 */
const TAKE_NUMBERS: ReadonlySet<string> = new Set(['ProduceResponse'])

/** Two interfaces for each struct: what a reader gives, with every field, and what a writer takes. */
export function emitTypes(message: Message): string[] {
  return message.structs.flatMap((struct) => [...emitReadType(struct), ...emitWriteType(message, struct)])
}

function emitReadType(struct: Struct): string[] {
  const fields = struct.fields.map((field) => {
    const type = elementType(field.element, '')
    return `  ${field.name}: ${field.isArray ? `${type}[]` : type}${orNull(field)}`
  })
  return [`export interface ${struct.typeName} extends Tagged {`, ...fields, '}', '']
}

function emitWriteType(message: Message, struct: Struct): string[] {
  const { typeName } = struct
  if (!differsOnWrite(message, struct)) return [`export type ${typeName}Input = ${typeName}`, '']
  const fields = struct.fields.map((field) => {
    const type = inputType(message, field)
    const optional = isOptionalOnWrite(message, field)
    return `  ${field.name}${optional ? '?' : ''}: ${field.isArray ? `readonly ${type}[]` : type}${orNull(field)}${optional ? ' | undefined' : ''}`
  })
  return [`export interface ${typeName}Input extends Tagged {`, ...fields, '}', '']
}

function differsOnWrite(message: Message, struct: Struct): boolean {
  return struct.fields.some(
    (field) =>
      field.isArray ||
      isOptionalOnWrite(message, field) ||
      (field.element.kind === 'struct' && differsOnWrite(message, field.element.struct)),
  )
}

/**
 * In a response only what nearly every answer leaves at its default may be left out: a forgotten field would be a
 * silent wrong answer. Requests and records are written for one version, so what others need may be left out too.
 */
export function isOptionalOnWrite(message: Message, field: Field): boolean {
  if (field.tag !== null || field.name === 'throttleTimeMs') return true
  if (message.isResponse) return false
  const inAllVersions = field.versions.min <= message.versions.min && field.versions.max >= message.versions.max
  return field.default !== undefined || !inAllVersions
}

function inputType(message: Message, { element, isArray, tag }: Field): string {
  const isInt64 = element.kind === 'primitive' && element.primitive === 'int64'
  if (isInt64 && !isArray && tag === null && TAKE_NUMBERS.has(message.name)) return 'bigint | number'
  return elementType(element, 'Input')
}

function elementType(element: ElementType, suffix: string): string {
  return element.kind === 'struct' ? `${element.struct.typeName}${suffix}` : primitiveTypes[element.primitive]
}

function orNull(field: Field): string {
  return field.nullable === null ? '' : ' | null'
}
