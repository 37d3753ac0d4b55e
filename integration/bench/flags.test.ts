import { type BenchOptions, parseFlags, ROUNDS_MAX } from './flags.ts'

function options(...argv: readonly string[]): BenchOptions {
  const parsed = parseFlags(argv)
  if (!('run' in parsed)) throw new Error('it prints')
  return parsed.run
}

test('without flags all workloads run, Kafka beside them', () => {
  expect(options()).toEqual({ mode: 'rounds', workload: '', json: null, rounds: 5, withKafka: true })
})

test('each flag for a mode selects it', () => {
  expect(options('--gates').mode).toBe('gates')
  expect(options('--scaling').mode).toBe('scaling')
  expect(options('--stock-clients').mode).toBe('stock-clients')
  expect(options('--profile', 'produce 16 KB')).toMatchObject({ mode: 'profile', workload: 'produce 16 KB' })
})

test('the other flags go with any mode', () => {
  const argv = ['--gates', '--json', 'out.json', '--rounds', '3', '--workload', '1 MB', '--without-kafka']
  expect(options(...argv)).toEqual({
    mode: 'gates',
    workload: '1 MB',
    json: 'out.json',
    rounds: 3,
    withKafka: false,
  })
})

test('rounds are bounded', () => {
  expect(options('--rounds', String(ROUNDS_MAX)).rounds).toBe(ROUNDS_MAX)
  for (const bad of [String(ROUNDS_MAX + 1), '0', '1.5', 'many'])
    expect(() => parseFlags(['--rounds', bad])).toThrow(`'${bad}' is invalid`)
})

test('two modes at once, unknown flags and bare words are refused with the remedy', () => {
  expect(() => parseFlags(['--gates', '--scaling'])).toThrow('--gates and --scaling at once: choose one of them')
  expect(() => parseFlags(['--gate'])).toThrow('see npm run bench -- --help')
  expect(() => parseFlags(['produce'])).toThrow('see npm run bench -- --help')
})

test('a profile is of the workload that it names and of no other', () => {
  expect(options('--profile', '1 MB')).toMatchObject({ mode: 'profile', workload: '1 MB' })
  expect(() => parseFlags(['--profile', '1 MB', '--workload', '16 KB'])).toThrow('leave --workload out')
})

test('help is printed, not run', () => {
  expect(parseFlags(['--help'])).toEqual({ print: expect.stringContaining('--gates') })
})
