import { emitReaders, emitReadersInTurns } from './emit-reader.ts'
import { emitTypes } from './emit-types.ts'
import { emitWriters, emitWritersInTurns } from './emit-writer.ts'
import { hasArrays } from './pace.ts'
import { type Message, resolveRequest, resolveResponse, resolveStandalone } from './resolve.ts'
import type { ApiSpec, ErrorSpec, MessageSpec, MessagesSpec } from './spec.ts'
import { parseRange } from './version-range.ts'

const notice =
  '// Written by packages/protocol/generator from protocol-specs: change the specs, then `npm run generate`.'

/** One API key: types, readers, writers and the constant that names them. */
export function emitApi(spec: ApiSpec): string {
  const request = resolveRequest(spec)
  const response = resolveResponse(spec)
  const types = [request.name, response.name, `${request.name}Input`, `${response.name}Input`].join(', ')
  return assemble(
    '../..',
    [request, response],
    [
      `export const ${spec.name}: Api<${types}> = {`,
      `  key: ${spec.key},`,
      `  name: '${spec.name}',`,
      `  versions: { min: ${request.versions.min}, max: ${request.versions.max} },`,
      `  flexibleFrom: ${request.flexible?.min ?? null},`,
      `  request: { read: read${request.name}, write: write${request.name} },`,
      `  response: { read: read${response.name}, write: write${response.name} },`,
      `  readInTurns: ${hasArrays(request.root) ? `read${request.name}InTurns` : 'null'},`,
      `  writeInTurns: ${hasArrays(response.root) ? `write${response.name}InTurns` : 'null'},`,
      '}',
    ],
    "import type { Api } from '../../api.ts'",
    [
      ...(hasArrays(request.root) ? emitReadersInTurns(request) : []),
      ...(hasArrays(response.root) ? emitWritersInTurns(response) : []),
    ],
  )
}

/** The list of all APIs by key. */
export function emitApiIndex(specs: readonly ApiSpec[]): string {
  return [
    notice,
    "import type { AnyApi } from '../api.ts'",
    ...specs.map((spec) => `import { ${spec.name} } from './apis/${spec.fileName}.ts'`),
    '',
    ...specs.map((spec) => `export * from './apis/${spec.fileName}.ts'`),
    '',
    '/** Every API that a client may send, in the order of the keys. */',
    `export const apis: readonly AnyApi[] = [${specs.map((spec) => spec.name).join(', ')}]`,
    '',
    '/** The versions that Kafka 4.4 lists, by key; the last that is not final yet stands for itself. */',
    'export const kafkaVersions: readonly KafkaVersions[] = [',
    ...specs.map((spec) => {
      const { min, max } = parseRange(spec.kafka44 ?? spec.versions)
      const unstable = spec.unstable === undefined ? null : parseRange(spec.unstable)
      const maxStable = unstable !== null && unstable.max >= max ? unstable.min - 1 : max
      return `  { key: ${spec.key}, min: ${min}, max: ${maxStable} },`
    }),
    ']',
    '',
    'export interface KafkaVersions {',
    '  readonly key: number',
    '  readonly min: number',
    '  readonly max: number',
    '}',
    '',
  ].join('\n')
}

export function emitMessages(spec: MessagesSpec, depth: string): string {
  const messages = spec.messages.map(resolveStandalone)
  const schemas = spec.messages.flatMap((message, index) => emitSchema(message, messages[index]?.flexible?.min ?? null))
  const union =
    spec.topic === undefined ? [] : spec.topic === '__cluster_metadata' ? emitMetadataUnion(spec) : emitKeyedUnion(spec)
  return assemble(
    depth,
    messages,
    [...schemas, ...union],
    `import type { MessageSchema } from '${depth}/message-schema.ts'`,
  )
}

function emitSchema(message: MessageSpec, flexibleFrom: number | null): string[] {
  const { min, max } = parseRange(message.versions)
  const { name } = message
  return [
    `export const ${name}: MessageSchema<${name}, ${name}Input> = {`,
    `  name: '${name}',`,
    `  type: ${message.type ?? null},`,
    `  versions: { min: ${min}, max: ${max} },`,
    `  flexibleFrom: ${flexibleFrom},`,
    `  read: read${name},`,
    `  write: write${name},`,
    '}',
    '',
  ]
}

/** Records whose key says by a number what they are: group, transaction and share-group state. */
function emitKeyedUnion(spec: MessagesSpec): string[] {
  const union = `${pascal(spec.fileName)}Record`
  const names = spec.messages
    .filter((message) => message.kind === 'key')
    .map((message) => ({ type: message.type, name: message.name.replace(/Key$/, '') }))
  return [
    `/** A record of ${spec.topic}; a null value removes what the key names. */`,
    `export type ${union} =`,
    ...names.map(
      ({ name }) => `  | { readonly name: '${name}'; readonly key: ${name}Key; readonly value: ${name}Value | null }`,
    ),
    '',
    '/** Null for a record type that this version does not know. */',
    `export function decode${union}(key: Uint8Array, value: Uint8Array | null): ${union} | null {`,
    '  const reader = new Reader(key)',
    '  switch (reader.int16()) {',
    ...names.flatMap(({ type, name }) => [
      `    case ${type}:`,
      `      return { name: '${name}', key: read${name}Key(reader, 0), value: decodeRecordValue(${name}Value, value) }`,
    ]),
    '    default:',
    '      return null',
    '  }',
    '}',
    '',
  ]
}

/** Records of the metadata log: the value begins with frame version, type and version. */
function emitMetadataUnion(spec: MessagesSpec): string[] {
  const values = spec.messages.filter((message) => message.kind === 'value')
  return [
    `/** A record of ${spec.topic}. */`,
    'export type ClusterMetadataRecord =',
    ...values.map(({ name }) => `  | { readonly name: '${name}'; readonly version: number; readonly value: ${name} }`),
    '',
    '/** Null for a record type that this version does not know. */',
    'export function decodeClusterMetadataRecord(bytes: Uint8Array): ClusterMetadataRecord | null {',
    '  const reader = new Reader(bytes)',
    '  const { type, version } = readMetadataFrame(reader)',
    '  switch (type) {',
    ...values.flatMap(({ name, type }) => [
      `    case ${type}:`,
      `      return { name: '${name}', version, value: readInVersion(${name}, reader, version) }`,
    ]),
    '    default:',
    '      return null',
    '  }',
    '}',
    '',
  ]
}

function pascal(kebab: string): string {
  return kebab.replace(/(?:^|-)(.)/g, (_match, letter: string) => letter.toUpperCase())
}

export function emitErrorCodes(errors: readonly ErrorSpec[]): string {
  const gap = errors.findIndex((error, index) => error.code !== index - 1)
  if (gap >= 0) throw new Error(`errors.json: ${errors[gap]?.name} is not the code that follows the one before`)
  return [
    notice,
    '',
    "/** Kafka's error codes by name. */",
    'export const ErrorCode = {',
    ...errors.map((error) => `  ${error.name}: ${error.code},`),
    '} as const',
    '',
    'export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode]',
    '',
    '/** Names in the order of the codes, the first being that of -1. */',
    'export const errorNames: readonly string[] = [',
    ...errors.map((error) => `  '${error.name}',`),
    ']',
    '',
  ].join('\n')
}

function assemble(
  depth: string,
  messages: readonly Message[],
  constants: readonly string[],
  schemaImport: string,
  inTurns: readonly string[] = [],
): string {
  const body = messages.flatMap((message) => [...emitTypes(message), ...emitReaders(message), ...emitWriters(message)])
  const text = [...constants, '', ...body, ...inTurns].join('\n')
  const used = (...names: string[]) => names.filter((name) => new RegExp(`\\b${name}\\b`).test(text)).join(', ')
  const helpers = used('notNull', 'zeroUuid')
  const framing = used('decodeRecordValue', 'readInVersion', 'readMetadataFrame')
  const imports = [
    schemaImport,
    ...(helpers === '' ? [] : [`import { ${helpers} } from '${depth}/codec-helpers.ts'`]),
    ...(framing === '' ? [] : [`import { ${framing} } from '${depth}/record-framing.ts'`]),
    ...(text.includes('UnsupportedFieldError(')
      ? [`import { UnsupportedFieldError } from '${depth}/wire/protocol-error.ts'`]
      : []),
    `import ${text.includes('new Reader(') ? '' : 'type '}{ Reader } from '${depth}/wire/reader.ts'`,
    `import type { Tagged } from '${depth}/wire/tagged.ts'`,
    ...(inTurns.length === 0 ? [] : [`import type { Turns } from '${depth}/wire/turns.ts'`]),
    `import type { Writer } from '${depth}/wire/writer.ts'`,
  ]
  return `${[notice, ...imports].join('\n')}\n\n${text.trimEnd()}\n`
}
