import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testUnless } from '../durability/optional-test.ts'
import { nativeFault, nativeProgram } from './compile.ts'

const directory = mkdtempSync(join(tmpdir(), 'odradek-compile-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('without a compiler the error names what is needed', () => {
  expect(() => nativeProgram('load', ['no-such-compiler'], directory)).toThrow(
    'no C compiler: the bench needs one of no-such-compiler in the PATH',
  )
})

testUnless(
  nativeFault(),
  'what is compiled once is found again, without a compiler',
  async () => {
    const program = nativeProgram('load', undefined, directory)
    expect(existsSync(program)).toBe(true)
    expect(nativeProgram('load', [], directory)).toBe(program)
  },
  30_000,
)
