import type { Field, Primitive, Struct } from './resolve.ts'

const zeros: Readonly<Record<Primitive, string>> = {
  bool: 'false',
  int8: '0',
  int16: '0',
  uint16: '0',
  int32: '0',
  uint32: '0',
  int64: '0n',
  float64: '0',
  uuid: 'zeroUuid',
  string: "''",
  bytes: 'new Uint8Array(0)',
  records: 'new Uint8Array(0)',
}

/** The expression for what a field holds where nothing was sent. */
export function defaultExpression(field: Field): string {
  if (field.default === null) return 'null'
  if (field.isArray) return '[]'
  if (field.element.kind === 'struct') return structDefault(field.element.struct)
  const { primitive } = field.element
  if (field.default === undefined) return zeros[primitive]
  if (primitive === 'int64') return `${field.default}n`
  if (primitive === 'string') return `'${field.default}'`
  return String(field.default)
}

function structDefault(struct: Struct): string {
  return `{ ${struct.fields.map((field) => `${field.name}: ${defaultExpression(field)}`).join(', ')} }`
}

/** The condition that `value`, an expression of the written type, is not the default and would be lost if not written. */
export function nonDefaultCondition(field: Field, value: string, optional: boolean): string {
  const present = optional ? `${value} !== undefined && ` : ''
  if (field.default === null) return `${present}${value} !== null`
  const notNull = field.nullable === null ? '' : `${value} === null || `
  const test = notNull + nonDefaultValue(field, value)
  return present !== '' && notNull !== '' ? `${present}(${test})` : `${present}${test}`
}

function nonDefaultValue(field: Field, value: string): string {
  if (field.isArray) return `${value}.length !== 0`
  if (field.element.kind === 'struct') return `!isDefault${field.element.struct.typeName}(${value})`
  const { primitive } = field.element
  if (primitive === 'bytes' || primitive === 'records') return `${value}.length !== 0`
  return `${value} !== ${defaultExpression(field)}`
}
