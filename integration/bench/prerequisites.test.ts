import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlagError } from './flags.ts'
import { checkPrerequisites, checkResultFile } from './prerequisites.ts'

const directory = mkdtempSync(join(tmpdir(), 'odradek-prerequisites-'))
afterAll(() => rmSync(directory, { recursive: true }))
afterEach(() => {
  delete process.env['ODRADEK_BENCH_DIR']
})

const WITHOUT_KAFKA = { json: null, withKafka: false }
const hasCompiler = () => null

test('without a compiler nothing is started', () => {
  expect(() => checkPrerequisites(WITHOUT_KAFKA, 'java', () => 'no C compiler')).toThrow(new FlagError('no C compiler'))
})

test('a file for the result that cannot be written is named before anything is measured', () => {
  const json = join(directory, 'missing', 'result.json')
  expect(() => checkResultFile(json)).toThrow(`--json ${json} cannot be written`)
  expect(() => checkPrerequisites({ ...WITHOUT_KAFKA, json }, 'java', hasCompiler)).toThrow(FlagError)
  const good = join(directory, 'result.json')
  checkPrerequisites({ ...WITHOUT_KAFKA, json: good }, 'java', hasCompiler)
  expect(existsSync(good)).toBe(true)
})

test('a directory for the data that is not there is named with its variable', () => {
  const missing = join(directory, 'missing')
  process.env['ODRADEK_BENCH_DIR'] = missing
  expect(() => checkPrerequisites(WITHOUT_KAFKA, 'java', hasCompiler)).toThrow(
    `no data can be kept in ${missing}, name another directory in ODRADEK_BENCH_DIR`,
  )
})

test('without Java the flag that leaves Kafka out is named', () => {
  expect(() => checkPrerequisites({ json: null, withKafka: true }, 'no-such-java', hasCompiler)).toThrow(
    /--without-kafka leaves it out: .*no-such-java ENOENT/,
  )
})
