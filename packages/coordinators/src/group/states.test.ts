import { join } from 'node:path'
import { expectTable } from '../scenario-files-fixture.ts'
import { transitions } from './classic/transitions.ts'
import { ScenarioWorld } from './scenarios/world.ts'

const session = 'session=30s rebalance=20s'
const follower = `join g v=3 client=f ${session}`
const leader = `join g v=3 client=l ${session}`

/** How a group gets into each state: leader `l#1`, follower `f#2` and pending `p#3`, generation 1 (before the round: 0). */
const preparations: Record<string, readonly string[]> = {
  missing: [],
  Empty: [leader, follower, 'advance 0ms', `join g client=p ${session}`, 'leave g l#1 f#2', 'advance 0ms'],
  'PreparingRebalance, first round': [leader, follower, `join g client=p ${session}`],
  PreparingRebalance: [
    leader,
    follower,
    'advance 0ms',
    'sync g l#1',
    'sync g f#2',
    `join g client=p ${session}`,
    `join g member=l#1 ${session}`,
  ],
  CompletingRebalance: [leader, follower, 'advance 0ms', `join g client=p ${session}`],
  Stable: [leader, follower, 'advance 0ms', 'sync g l#1', 'sync g f#2', `join g client=p ${session}`],
}

/** What happens to it; the follower speaks unless another is named. */
const events: Record<string, readonly string[]> = {
  'JoinGroup: new': [`join g v=3 client=n ${session}`],
  'JoinGroup: new, to be given an id': [`join g client=n ${session}`],
  'JoinGroup: new static': [`join g client=n instance=i ${session}`],
  'JoinGroup: pending': [`join g member=p#3 ${session}`],
  'JoinGroup: leader, same metadata': [`join g member=l#1 ${session}`],
  'JoinGroup: follower, same metadata': [`join g member=f#2 ${session}`],
  'JoinGroup: follower, new metadata': [`join g member=f#2 protocols=range:u ${session}`],
  'JoinGroup: stranger': [`join g member=x#9 ${session}`],
  'JoinGroup: other protocol type': [`join g v=3 type=connect ${session}`],
  'SyncGroup: leader': ['sync g l#1'],
  'SyncGroup: follower': ['sync g f#2'],
  'SyncGroup: pending': ['sync g p#3'],
  'SyncGroup: wrong generation': ['sync g f#2 gen=9'],
  Heartbeat: ['heartbeat g f#2'],
  'Heartbeat: wrong generation': ['heartbeat g f#2 gen=9'],
  'Heartbeat: pending': ['heartbeat g p#3'],
  'LeaveGroup: follower': ['leave g f#2'],
  'LeaveGroup: all': ['leave g f#2 l#1 p#3'],
  'LeaveGroup: pending': ['leave g p#3'],
  'LeaveGroup: stranger': ['leave g x#9'],
  'OffsetCommit: follower': ['commit g t-0=1 member=f#2 gen=1'],
  'OffsetCommit: wrong generation': ['commit g t-0=1 member=f#2 gen=9'],
  'OffsetCommit: nobody': ['commit g t-0=1'],
  'TxnOffsetCommit: follower': ['txn-commit g t-0=1 member=f#2 gen=1'],
  'TxnOffsetCommit: wrong generation': ['txn-commit g t-0=1 member=f#2 gen=9'],
  'TxnOffsetCommit: nobody': ['txn-commit g t-0=1'],
  OffsetFetch: ['fetch g t-0'],
  'OffsetDelete: subscribed topic': ['delete-offsets g t-0'],
  'OffsetDelete: other topic': ['delete-offsets g w-0'],
  DescribeGroups: ['describe g'],
  DeleteGroups: ['delete g'],
  '20 s pass (rebalance timeout)': ['advance 20s'],
  '30 s pass (sessions)': ['advance 30s'],
  '10 min pass (expiry)': ['advance 10min'],
  'the machine is loaded anew': ['restart', 'load'],
}

test('the table of states and events in SPEC.md is complete and true', () => {
  const states = Object.keys(preparations)
  const rows = Object.entries(events).map(([name, commands]) => [name, ...states.map((state) => cell(state, commands))])
  expectTable(join(__dirname, 'SPEC.md'), [['event', ...states], ...rows])
})

test('what moves a group from state to state, and nothing else', () => {
  const possible = Object.entries(transitions).flatMap(([state, row]) =>
    Object.entries(row).flatMap(([event, next]) => (next === null ? [] : [`${state} ${event} ${next}`])),
  )
  expect(possible).toEqual([
    'Empty rebalance PreparingRebalance',
    'Empty deleted Dead',
    'PreparingRebalance joined CompletingRebalance',
    'PreparingRebalance emptied Empty',
    'CompletingRebalance rebalance PreparingRebalance',
    'CompletingRebalance assigned Stable',
    'Stable rebalance PreparingRebalance',
  ])
})

function cell(state: string, commands: readonly string[]): string {
  const world = new ScenarioWorld()
  for (const command of preparations[state] ?? []) world.run(command)
  const before = stateOf(world)
  expect([state.split(',')[0], before]).toEqual([state.split(',')[0], state.split(',')[0]])
  world.output.length = 0
  for (const command of commands) world.run(command)
  const answer = commands.some((command) => !/^(advance|restart|load)/.test(command)) ? answerTo(world) : ''
  const after = stateOf(world)
  return [answer, ...(after === before ? [] : [`→ ${after}`])].filter((part) => part !== '').join(' ') || '–'
}

/** The code of the last request's own answer. */
function answerTo(world: ScenarioWorld): string {
  const own = world.output.find((line) => line.startsWith(`${world.requestCount} `))
  if (own === undefined) return '…'
  const codes = own.match(/[A-Z]+(_[A-Z]+)+|NONE/g)
  return codes === null || codes[0] === 'NONE'
    ? ([...new Set(codes ?? ['NONE'])].find((code) => code !== 'NONE') ?? 'ok')
    : (codes[0] ?? 'ok')
}

function stateOf(world: ScenarioWorld): string {
  world.run('describe g')
  const [, state = ''] = / (?:NONE|GROUP_ID_NOT_FOUND) (\w+) /.exec(world.output.at(-1) ?? '') ?? []
  world.output.pop()
  return state === 'Dead' ? 'missing' : state
}
