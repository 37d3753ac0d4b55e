import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from './generate.ts'
import { loadSpecs } from './load-specs.ts'

const specsDirectory = join(__dirname, '../../../protocol-specs')

test('the generated module of Heartbeat is the committed sample', () => {
  const golden = readFileSync(join(__dirname, 'golden/12-heartbeat.ts'), 'utf8')
  expect(generate(loadSpecs(specsDirectory)).get('apis/12-heartbeat.ts')).toBe(golden)
})

test('the same specs give the same text', () => {
  expect([...generate(loadSpecs(specsDirectory))]).toEqual([...generate(loadSpecs(specsDirectory))])
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
