import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { UPDATE_SCENARIOS: update = '' } = process.env

/** One machine's life, driven by lines of text; what can be seen from outside is collected in `output`. */
export interface TextWorld {
  readonly output: string[]
  run(line: string): void
}

/** Each file is one machine's life: command lines, `----`, what was seen. Comments begin with `#`. */
export function testScenarios(directory: string, createWorld: () => TextWorld): void {
  describe.each(readdirSync(directory).filter((name) => name.endsWith('.txt')))('%s', (name) => {
    test('is what happens', () => {
      const path = join(directory, name)
      const written = readFileSync(path, 'utf8')
      const happened = replay(written, createWorld())
      if (update !== '') writeFileSync(path, happened)
      else expect(happened).toBe(written)
    })
  })
}

/** Compares the table of SPEC.md with what the machine does; `UPDATE_SCENARIOS=1` writes it anew. */
export function expectTable(path: string, rows: readonly (readonly string[])[]): void {
  const spec = readFileSync(path, 'utf8')
  const [before = '', rest = ''] = spec.split('<!-- table -->\n')
  const after = rest.slice(rest.indexOf('<!-- /table -->'))
  const made = `${before}<!-- table -->\n${tableText(rows)}${after}`
  if (update !== '') writeFileSync(path, made)
  else expect(made).toBe(spec)
}

function replay(script: string, world: TextWorld): string {
  const blocks = script.trimEnd().split('\n\n')
  return `${blocks.map((block) => replayBlock(world, block)).join('\n\n')}\n`
}

function replayBlock(world: TextWorld, block: string): string {
  const lines = block.split('\n')
  const end = lines.indexOf('----')
  const input = end < 0 ? lines : lines.slice(0, end)
  const commands = input.filter((line) => line !== '' && !line.startsWith('#'))
  if (commands.length === 0) return block
  for (const command of commands) world.run(command)
  return [...input, '----', ...world.output.splice(0)].join('\n')
}

/** With padded columns, as the formatter wants tables. */
function tableText([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return `\n${[line(head), rule, ...rows.map(line)].join('\n')}\n\n`
}
