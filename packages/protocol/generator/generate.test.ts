import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from './generate.ts'
import { loadSpecs } from './load-specs.ts'
import type { FieldSpec } from './spec.ts'

const specsDirectory = join(__dirname, '../../../protocol-specs')

test('the generated module of Heartbeat is the committed sample', () => {
  const golden = readFileSync(join(__dirname, 'golden/12-heartbeat.ts'), 'utf8')
  expect(generate(loadSpecs(specsDirectory)).get('apis/12-heartbeat.ts')).toBe(golden)
})

test('the same specs give the same text', () => {
  expect([...generate(loadSpecs(specsDirectory))]).toEqual([...generate(loadSpecs(specsDirectory))])
})

test('schema.json, which editors use, allows what the specs have and nothing that none has', () => {
  const schema = JSON.parse(readFileSync(join(specsDirectory, 'schema.json'), 'utf8'))
  const { apis, records, headers, errors } = loadSpecs(specsDirectory)
  const messages = [headers, ...records].flatMap((file) => file.messages)
  const structs = [
    ...apis.flatMap((api) => [...(api.requestStructs ?? []), ...(api.responseStructs ?? [])]),
    ...messages.flatMap((message) => message.structs ?? []),
  ]
  const below = (fields: readonly FieldSpec[]): FieldSpec[] =>
    fields.flatMap((field) => [field, ...below(field.fields ?? [])])
  const fields = below([
    ...apis.flatMap((api) => [...api.request, ...api.response]),
    ...messages.flatMap((message) => message.fields),
    ...structs.flatMap((struct) => struct.fields),
  ])
  const used = (objects: readonly object[]) =>
    [...new Set(objects.flatMap((object) => Object.keys(object)))].filter((name) => name !== 'fileName').sort()
  const allowed = (definition: string) =>
    Object.keys(schema.$defs[definition].properties)
      .filter((name) => name !== '$schema')
      .sort()
  expect(used(apis)).toEqual(allowed('api'))
  expect(used([headers, ...records])).toEqual(allowed('messages'))
  expect(used(messages)).toEqual(allowed('message'))
  expect(used(structs)).toEqual(allowed('struct'))
  expect(used(fields)).toEqual(allowed('field'))
  expect(used(errors)).toEqual(allowed('error'))
})

describe('a fault in a spec is named with its place', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'specs-'))
    cpSync(specsDirectory, directory, { recursive: true })
  })

  afterEach(() => {
    rmSync(directory, { recursive: true })
  })

  test.each([
    [
      'an unknown property',
      '"name": "groupId"',
      '"nullible": true, "name": "groupId"',
      '12-heartbeat.request[0]: "nullible" means nothing',
    ],
    [
      'a missing type',
      '"name": "groupId", "type": "string"',
      '"name": "groupId"',
      '12-heartbeat.request[0].type must be a text',
    ],
    ['an unknown type', '"type": "string"', '"type": "text"', 'HeartbeatRequest: no type is called text'],
    ['a range that is none', '"versions": "3+"', '"versions": "3..4"', '"3..4" is no version range'],
    [
      'a field in no version',
      '"versions": "3+"',
      '"versions": "7+"',
      'HeartbeatRequest.groupInstanceId is in no version',
    ],
  ])('%s', (_what, from, to, message) => {
    const path = join(directory, 'apis/12-heartbeat.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
    expect(() => generate(loadSpecs(directory))).toThrow(message)
  })
})
