import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ScenarioWorld } from './world.ts'

const { UPDATE_SCENARIOS: update = '' } = process.env

/** Each file is one machine's life: command lines, `----`, what was seen. Comments begin with `#`. */
describe.each(readdirSync(__dirname).filter((name) => name.endsWith('.txt')))('%s', (name) => {
  test('is what happens', () => {
    const path = join(__dirname, name)
    const written = readFileSync(path, 'utf8')
    const happened = replay(written)
    if (update !== '') writeFileSync(path, happened)
    else expect(happened).toBe(written)
  })
})

function replay(script: string): string {
  const world = new ScenarioWorld()
  const blocks = script.trimEnd().split('\n\n')
  return `${blocks.map((block) => replayBlock(world, block)).join('\n\n')}\n`
}

function replayBlock(world: ScenarioWorld, block: string): string {
  const lines = block.split('\n')
  const end = lines.indexOf('----')
  const input = end < 0 ? lines : lines.slice(0, end)
  const commands = input.filter((line) => line !== '' && !line.startsWith('#'))
  if (commands.length === 0) return block
  for (const command of commands) world.run(command)
  return [...input, '----', ...world.output.splice(0)].join('\n')
}
