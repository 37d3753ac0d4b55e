import { join } from 'node:path'
import { expectTable } from '../scenario-files-fixture.ts'
import { ScenarioWorld } from './scenarios/world.ts'

interface Preparation {
  readonly commands: readonly string[]
  /** The producer's epoch afterwards. */
  readonly epoch: number
}

const init = ['init a', 'init a']
const ongoing = [...init, 'add a 1000/1 t-0']

/** How a transaction gets into each state: producer id 1000, partition `t-0`. */
const preparations: Record<string, Preparation> = {
  missing: { commands: [], epoch: 1 },
  Empty: { commands: init, epoch: 1 },
  Ongoing: { commands: ongoing, epoch: 1 },
  PrepareCommit: { commands: [...ongoing, 'commit a 1000/1'], epoch: 2 },
  PrepareAbort: { commands: [...ongoing, 'abort a 1000/1'], epoch: 2 },
  CompleteCommit: { commands: [...ongoing, 'commit a 1000/1', 'markers a'], epoch: 2 },
  CompleteAbort: { commands: [...ongoing, 'abort a 1000/1', 'markers a'], epoch: 2 },
}

/** What happens to it; `now` is the producer with its epoch, `last` with the epoch before. */
const events: Record<string, readonly string[]> = {
  'InitProducerId: new producer': ['init a'],
  'InitProducerId: present epoch': ['init a now'],
  'InitProducerId: last epoch': ['init a last'],
  'InitProducerId: other producer id': ['init a 7/0'],
  'AddPartitionsToTxn: known partition': ['add a now t-0'],
  'AddPartitionsToTxn: new partition': ['add a now t-1'],
  'AddPartitionsToTxn: last epoch': ['add a last t-1'],
  'AddPartitionsToTxn: other producer id': ['add a 7/0 t-1'],
  'AddPartitionsToTxn: verify known': ['verify a now t-0'],
  'AddPartitionsToTxn: verify new': ['verify a now t-1'],
  AddOffsetsToTxn: ['offsets a now 3'],
  'EndTxn 4: commit': ['commit a now v=4'],
  'EndTxn 4: abort': ['abort a now v=4'],
  'EndTxn 4: last epoch': ['commit a last v=4'],
  'EndTxn 4: other producer id': ['commit a 7/0 v=4'],
  'EndTxn 5: commit': ['commit a now'],
  'EndTxn 5: abort': ['abort a now'],
  'EndTxn 5: commit, last epoch': ['commit a last'],
  'EndTxn 5: abort, last epoch': ['abort a last'],
  'EndTxn 5: other producer id': ['commit a 7/0'],
  DescribeTransactions: ['describe a'],
  'all markers are written': ['markers a now t-0'],
  '70 s pass (timeout)': ['advance 70s'],
  '8 days pass (expiry)': ['jump-wall 8d', 'advance 1h'],
  'the machine is loaded anew': ['restart', 'load'],
}

test('the table of states and events in SPEC.md is complete and true', () => {
  const states = Object.keys(preparations)
  const rows = Object.entries(events).map(([name, commands]) => [name, ...states.map((state) => cell(state, commands))])
  expectTable(join(__dirname, 'SPEC.md'), [['event', ...states], ...rows])
})

function cell(state: string, commands: readonly string[]): string {
  const { commands: preparation, epoch } = preparations[state]!
  const world = new ScenarioWorld()
  for (const command of preparation) world.run(command)
  const before = stateOf(world)
  expect(before).toBe(`${state} ${state === 'missing' ? 0 : epoch}`)
  world.output.length = 0
  const [request] = commands.map((command) => {
    world.run(command.replace(' now', ` 1000/${epoch}`).replace(' last', ` 1000/${epoch - 1}`))
    return world.requestCount
  })
  const isAsked = !/^(advance|jump-wall|restart)/.test(commands[0]!)
  const answer = isAsked ? answerTo(world, request!) : ''
  const asked = world.output.some((line) => line.startsWith('ask markers')) ? ['markers'] : []
  const after = stateOf(world)
  const [stateAfter, epochAfter] = after.split(' ')
  const change = after === before ? [] : [`→ ${stateAfter}${epochAfter === `${epoch}` ? '' : ` ${epochAfter}`}`]
  return [answer, ...change, ...asked].filter((part) => part !== '').join(' ') || '–'
}

function answerTo(world: ScenarioWorld, request: number): string {
  const own = world.output.find((line) => line.startsWith(`${request} `)) ?? ''
  const codes = own.match(/[A-Z]+(_[A-Z]+)+/g)
  return codes?.[0] ?? 'ok'
}

/** State and epoch. */
function stateOf(world: ScenarioWorld): string {
  world.run('describe a')
  const [, state = '', epoch = ''] =
    / (?:NONE|TRANSACTIONAL_ID_NOT_FOUND) (\S+) \d+\/(\d+) /.exec(world.output.at(-1) ?? '') ?? []
  world.output.pop()
  return `${state === '-' ? 'missing' : state} ${epoch}`
}
