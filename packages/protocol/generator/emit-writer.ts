import { defaultExpression, nonDefaultCondition } from './defaults.ts'
import { hasLength, primitiveMethods } from './emit-reader.ts'
import { isOptionalOnWrite } from './emit-types.ts'
import { type Field, flexibleExpression, type Message, type Struct } from './resolve.ts'
import { condition, intersect, negated, usesVersion } from './version-range.ts'

/** One function for each struct, which writes it in every version, and the helpers that those need. */
export function emitWriters(message: Message): string[] {
  const lines = message.structs.flatMap((struct) => [
    ...emitWriter(message, struct),
    ...emitArrayWriters(message, struct),
  ])
  // Outer structs come last and may ask about inner ones.
  for (const struct of [...message.structs].reverse()) {
    if (lines.some((line) => line.includes(`isDefault${struct.typeName}(`)))
      lines.push(...emitIsDefault(message, struct))
  }
  return lines
}

function emitWriter(message: Message, struct: Struct): string[] {
  const expression = flexibleExpression(message, struct.versions)
  const flexible = expression.startsWith('version') ? 'flexible' : expression
  const body = [
    ...struct.fields
      .filter((field) => field.tag === null)
      .flatMap((field) => emitField(message, struct, field, flexible)),
    ...emitTags(message, struct, flexible),
  ]
  const version = flexible === 'flexible' || usesVersion(body) ? 'version' : '_version'
  const usesValue = body.some((line) => /\bvalue\b/.test(line))
  return [
    `function write${struct.typeName}(writer: Writer, ${version}: number, ${usesValue ? 'value' : '_value'}: ${struct.typeName}Input): void {`,
    ...(flexible === 'flexible' ? [`  const flexible = ${expression}`] : []),
    ...body.map((line) => `  ${line}`),
    '}',
    '',
  ]
}

function emitField(message: Message, struct: Struct, field: Field, flexible: string): string[] {
  const guard = condition(field.versions, struct.versions)
  const write = emitWrite(message, struct, field, field.followsFlexible ? flexible : 'false')
  if (guard === null) return write
  const lost = field.ignorable ? [] : emitRefusal(message, struct, field)
  const single = write.length === 1
  if (single && lost.length === 0) return [`if (${guard}) ${write[0]}`]
  return [
    `if (${guard}) {`,
    ...write.map((line) => `  ${line}`),
    ...lost.map((line, index) => (index === 0 ? `} else ${line}` : line)),
    ...(lost.length === 0 ? ['}'] : []),
  ]
}

/** What cannot be left out without a change of meaning is refused in versions that lack it, as Kafka does. */
function emitRefusal(message: Message, struct: Struct, field: Field): string[] {
  const lost = nonDefaultCondition(field, `value.${field.name}`, isOptionalOnWrite(message, field))
  return [`if (${lost}) {`, `  throw new UnsupportedFieldError('${struct.typeName}.${field.name}', version)`, '}']
}

/** Statements that write a field in versions that have it. */
function emitWrite(message: Message, struct: Struct, field: Field, flexible: string): string[] {
  const given = `value.${field.name}`
  const value = isOptionalOnWrite(message, field) ? orDefault(field, given) : given
  if (field.nullable === null) return [writeStatement(field, value, '', flexible)]
  const guard = condition(field.nullable, field.versions)
  const nullable = writeStatement(field, value, 'nullable', flexible)
  if (guard === null) return [nullable]
  const required = writeStatement(field, `notNull(${value}, '${struct.typeName}.${field.name}', version)`, '', flexible)
  return [`if (${guard}) ${nullable}`, `else ${required}`]
}

/** A variable-length field that is left out and one that is null are not the same unless the default is null. */
function orDefault(field: Field, given: string): string {
  const fallback = defaultExpression(field)
  return field.nullable === null || field.default === null
    ? `${given} ?? ${fallback}`
    : `${given} === undefined ? ${fallback} : ${given}`
}

function writeStatement(field: Field, value: string, prefix: '' | 'nullable', flexible: string): string {
  const name = (method: string) => (prefix === '' ? method : `${prefix}${method[0]?.toUpperCase()}${method.slice(1)}`)
  if (field.element.kind === 'struct') {
    const { typeName } = field.element.struct
    if (field.isArray) return `write${prefix === '' ? '' : 'Nullable'}${typeName}Array(writer, version, ${value})`
    if (prefix === '') return `write${typeName}(writer, version, ${value})`
    return `writeNullable${field.tag === null ? '' : 'Tagged'}${typeName}(writer, version, ${value})`
  }
  const { primitive } = field.element
  const method = primitiveMethods[primitive]
  if (field.isArray) {
    const element = hasLength(primitive) ? `${method}(element, ${flexible})` : `${method}(element)`
    return `writer.${name('array')}(${value}, ${flexible}, (to, element) => to.${element})`
  }
  return hasLength(primitive) ? `writer.${name(method)}(${value}, ${flexible})` : `writer.${method}(${value})`
}

/** Known tagged fields that are not at their default, in ascending order, then the unknown ones. */
function emitTags(message: Message, struct: Struct, flexible: string): string[] {
  const flexibleVersions = message.flexible === null ? null : intersect(message.flexible, struct.versions)
  if (flexibleVersions === null) return []
  const tagged = struct.fields
    .filter((field) => field.tag !== null)
    .sort((left, right) => (left.tag ?? 0) - (right.tag ?? 0))
  if (tagged.length === 0) return [flexible === 'true' ? 'writer.tags(value)' : `if (${flexible}) writer.tags(value)`]
  const section = [
    ...tagged.map((field) => {
      const guard = condition(field.versions, flexibleVersions)
      const present = nonDefaultCondition(field, `value.${field.name}`, isOptionalOnWrite(message, field))
      return `const has${field.tag} = ${guard === null ? '' : `${guard} && `}${guard !== null && present.includes('||') ? `(${present})` : present}`
    }),
    `writer.tagCount(${tagged.map((field) => `Number(has${field.tag})`).join(' + ')}, value)`,
    ...tagged.flatMap((field) => emitTag(message, struct, field)),
    'writer.unknownTags(value)',
  ]
  const refusals = tagged.flatMap((field) => {
    const guard = condition(field.versions, struct.versions)
    return guard === null || field.ignorable
      ? []
      : [`if (${negated(guard)}) {`, ...emitRefusal(message, struct, field).map((line) => `  ${line}`), '}']
  })
  if (flexible === 'true') return [...refusals, ...section]
  return [...refusals, `if (${flexible}) {`, ...section.map((line) => `  ${line}`), '}']
}

function emitTag(message: Message, struct: Struct, field: Field): string[] {
  return [
    `if (has${field.tag}) {`,
    `  writer.beginTag(${field.tag})`,
    ...emitWrite(message, struct, field, 'true').map((line) => `  ${line}`),
    '  writer.endTag()',
    '}',
  ]
}

/** The loop over an array of structs and the forms that may be null, each where a field needs it. */
function emitArrayWriters(message: Message, struct: Struct): string[] {
  const { typeName } = struct
  const uses = message.structs
    .flatMap((owner) => owner.fields)
    .filter((field) => field.element.kind === 'struct' && field.element.struct === struct)
  const arrays = uses.filter((field) => field.isArray)
  const nullables = uses.filter((field) => field.nullable !== null)
  const flexible = flexibleExpression(message, struct.versions)
  const signature = (name: string, type: string) => `function ${name}(writer: Writer, version: number, ${type}): void {`
  return [
    ...(arrays.length === 0
      ? []
      : [
          signature(`write${typeName}Array`, `values: readonly ${typeName}Input[]`),
          `  writer.arrayLength(values.length, ${flexible})`,
          `  for (const value of values) write${typeName}(writer, version, value)`,
          '}',
          '',
        ]),
    ...(nullables.some((field) => field.isArray)
      ? [
          signature(`writeNullable${typeName}Array`, `values: readonly ${typeName}Input[] | null`),
          `  if (values === null) writer.nullArray(${flexible})`,
          `  else write${typeName}Array(writer, version, values)`,
          '}',
          '',
        ]
      : []),
    ...['', 'Tagged'].flatMap((place) =>
      nullables.some((field) => !field.isArray && (field.tag !== null) === (place !== ''))
        ? [
            signature(`writeNullable${place}${typeName}`, `value: ${typeName}Input | null`),
            `  writer.${place === '' ? 's' : 'taggedS'}tructPresent(value !== null)`,
            `  if (value !== null) write${typeName}(writer, version, value)`,
            '}',
            '',
          ]
        : [],
    ),
  ]
}

function emitIsDefault(message: Message, struct: Struct): string[] {
  const conditions = struct.fields.map((field) => {
    const test = nonDefaultCondition(field, `value.${field.name}`, isOptionalOnWrite(message, field))
    return `!(${test})`
  })
  return [
    `function isDefault${struct.typeName}(value: ${struct.typeName}Input): boolean {`,
    `  return ${[...conditions, 'value.unknownTags === undefined'].join(' && ')}`,
    '}',
    '',
  ]
}
