import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BrokerProcess } from '../harness/broker-process.ts'

const root = process.cwd()
const EXAMPLE_MS_MAX = 15_000

/** The block of code that follows the mark, as it stands. */
function example(readme: string): string {
  const code = /<!-- example: [^\n]*-->\n```js\n([\s\S]*?)```/.exec(readme)?.[1]
  if (code === undefined) throw new Error('README.md has no example')
  return code
}

test('the example of README.md runs as it stands', async () => {
  const broker = await BrokerProcess.start()
  try {
    const code = example(readFileSync(join(root, 'README.md'), 'utf8'))
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: root,
      env: { ...process.env, BOOTSTRAP: broker.bootstrap[0], KAFKAJS_NO_PARTITIONER_WARNING: '1' },
      encoding: 'utf8',
      timeout: EXAMPLE_MS_MAX,
    })
    expect({ stdout, status, stderr: status === 0 ? '' : stderr }).toEqual({
      stdout: expect.stringMatching(/^gregor: good morning$/m),
      status: 0,
      stderr: '',
    })
  } finally {
    await broker.dispose()
  }
})
