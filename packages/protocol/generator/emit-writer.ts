import { defaultExpression, nonDefaultCondition } from './defaults.ts'
import { hasLength, primitiveMethods } from './emit-reader.ts'
import { isOptionalOnWrite } from './emit-types.ts'
import { hasArrays, IN_TURNS, type Pace, WHOLE } from './pace.ts'
import { type Field, flexibleExpression, type Message, type Struct } from './resolve.ts'
import { condition, intersect, negated, usesVersion } from './version-range.ts'

/** One function for each struct, which writes it in every version, and the helpers that those need. */
export function emitWriters(message: Message): string[] {
  const lines = message.structs.flatMap((struct) => [
    ...emitWriter(message, struct, WHOLE),
    ...emitArrayWriters(message, struct, WHOLE),
  ])
  // Outer structs come last and may ask about inner ones.
  for (const struct of [...message.structs].reverse()) {
    if (lines.some((line) => line.includes(`isDefault${struct.typeName}(`)))
      lines.push(...emitIsDefault(message, struct))
  }
  return lines
}

/**
 * For each struct with arrays somewhere in it a second function, which yields after so many elements; and for the arrays
 * of those without.
 */
export function emitWritersInTurns(message: Message): string[] {
  return message.structs.flatMap((struct) => [
    ...(hasArrays(struct) ? emitWriter(message, struct, IN_TURNS) : []),
    ...emitArrayWriters(message, struct, IN_TURNS),
  ])
}

function emitWriter(message: Message, struct: Struct, pace: Pace): string[] {
  const expression = flexibleExpression(message, struct.versions)
  const flexible = expression.startsWith('version') ? 'flexible' : expression
  const body = [
    ...struct.fields
      .filter((field) => field.tag === null)
      .flatMap((field) => emitField(message, struct, field, flexible, pace)),
    ...emitTags(message, struct, flexible, pace),
  ]
  const version = flexible === 'flexible' || usesVersion(body) ? 'version' : '_version'
  const usesValue = body.some((line) => /\bvalue\b/.test(line))
  return [
    `${pace.keyword} write${struct.typeName}${pace.suffix}(writer: Writer, ${version}: number, ${usesValue ? 'value' : '_value'}: ${struct.typeName}Input): ${pace.result('void')} {`,
    ...(flexible === 'flexible' ? [`  const flexible = ${expression}`] : []),
    ...body.map((line) => `  ${line}`),
    '}',
    '',
  ]
}

function emitField(message: Message, struct: Struct, field: Field, flexible: string, pace: Pace): string[] {
  const guard = condition(field.versions, struct.versions)
  const write = emitWrite(message, struct, field, field.followsFlexible ? flexible : 'false', pace)
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
function emitWrite(message: Message, struct: Struct, field: Field, flexible: string, pace: Pace): string[] {
  const given = `value.${field.name}`
  const value = isOptionalOnWrite(message, field) ? orDefault(field, given) : given
  if (field.nullable === null) return [writeStatement(field, value, '', flexible, pace)]
  const guard = condition(field.nullable, field.versions)
  const nullable = writeStatement(field, value, 'nullable', flexible, pace)
  if (guard === null) return [nullable]
  const present = `notNull(${value}, '${struct.typeName}.${field.name}', version)`
  const required = writeStatement(field, present, '', flexible, pace)
  return [`if (${guard}) ${nullable}`, `else ${required}`]
}

/** A variable-length field that is left out and one that is null are not the same unless the default is null. */
function orDefault(field: Field, given: string): string {
  const fallback = defaultExpression(field)
  return field.nullable === null || field.default === null
    ? `${given} ?? ${fallback}`
    : `${given} === undefined ? ${fallback} : ${given}`
}

/** Text for people that says what was wrong, and may repeat what the client sent. */
function isSentence({ name, element, isArray }: Field): boolean {
  return !isArray && element.kind === 'primitive' && element.primitive === 'string' && /errorMessage$/i.test(name)
}

function writeStatement(field: Field, value: string, prefix: '' | 'nullable', flexible: string, pace: Pace): string {
  const name = (method: string) => (prefix === '' ? method : `${prefix}${method[0]?.toUpperCase()}${method.slice(1)}`)
  if (field.element.kind === 'struct') {
    const { typeName } = field.element.struct
    const isPaced = field.isArray || hasArrays(field.element.struct)
    const name = `${prefix === '' ? '' : `Nullable${field.isArray || field.tag === null ? '' : 'Tagged'}`}${typeName}`
    const write = `write${name}${field.isArray ? 'Array' : ''}`
    const rest = `(writer, version, ${value})`
    return isPaced ? pace.statement(`${write}${pace.suffix}${rest}`) : `${write}${rest}`
  }
  const { primitive } = field.element
  const method = isSentence(field) ? 'sentence' : primitiveMethods[primitive]
  if (field.isArray) {
    const element = hasLength(primitive) ? `${method}(element, ${flexible})` : `${method}(element)`
    return pace.statement(
      `writer.${name('array')}${pace.suffix}(${value}, ${flexible}, (to, element) => to.${element})`,
    )
  }
  return hasLength(primitive) ? `writer.${name(method)}(${value}, ${flexible})` : `writer.${method}(${value})`
}

/** Known tagged fields that are not at their default, in ascending order, then the unknown ones. */
function emitTags(message: Message, struct: Struct, flexible: string, pace: Pace): string[] {
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
    ...tagged.flatMap((field) => emitTag(message, struct, field, pace)),
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

function emitTag(message: Message, struct: Struct, field: Field, pace: Pace): string[] {
  return [
    `if (has${field.tag}) {`,
    `  writer.beginTag(${field.tag})`,
    ...emitWrite(message, struct, field, 'true', pace).map((line) => `  ${line}`),
    '  writer.endTag()',
    '}',
  ]
}

/** The loop over an array of structs and the forms that may be null, each where a field needs it. */
function emitArrayWriters(message: Message, struct: Struct, pace: Pace): string[] {
  const { typeName } = struct
  const uses = message.structs
    .flatMap((owner) => owner.fields)
    .filter((field) => field.element.kind === 'struct' && field.element.struct === struct)
  const arrays = uses.filter((field) => field.isArray)
  const nullables = uses.filter((field) => field.nullable !== null)
  const flexible = flexibleExpression(message, struct.versions)
  const signature = (name: string, type: string) =>
    `${pace.keyword} ${name}${pace.suffix}(writer: Writer, version: number, ${type}): ${pace.result('void')} {`
  const call = (name: string, value: string) => pace.statement(`${name}${pace.suffix}(writer, version, ${value})`)
  const one = hasArrays(struct) ? call(`write${typeName}`, 'value') : `write${typeName}(writer, version, value)`
  return [
    ...(arrays.length === 0
      ? []
      : [
          signature(`write${typeName}Array`, `values: readonly ${typeName}Input[]`),
          `  writer.arrayLength(values.length, ${flexible})`,
          ...pace.loop('for (const value of values)', one, 'writer'),
          '}',
          '',
        ]),
    ...(nullables.some((field) => field.isArray)
      ? [
          signature(`writeNullable${typeName}Array`, `values: readonly ${typeName}Input[] | null`),
          `  if (values === null) writer.nullArray(${flexible})`,
          `  else ${call(`write${typeName}Array`, 'values')}`,
          '}',
          '',
        ]
      : []),
    ...['', 'Tagged'].flatMap((place) =>
      (pace === WHOLE || hasArrays(struct)) &&
      nullables.some((field) => !field.isArray && (field.tag !== null) === (place !== ''))
        ? [
            signature(`writeNullable${place}${typeName}`, `value: ${typeName}Input | null`),
            `  writer.${place === '' ? 's' : 'taggedS'}tructPresent(value !== null)`,
            `  if (value !== null) ${one}`,
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
