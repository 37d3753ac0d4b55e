import { file, odradek, type Scenario, stopNode, tool } from './scenario.ts'

type Row = readonly [topic: string, partition: number, replicas: readonly number[]]

const assignment = (name: string, ...rows: readonly Row[]) =>
  file(
    name,
    JSON.stringify({
      version: 1,
      partitions: rows.map(([topic, partition, replicas]) => ({ topic, partition, replicas })),
    }),
  )

const topicsFile = (name: string, ...topics: readonly string[]) =>
  file(name, JSON.stringify({ version: 1, topics: topics.map((topic) => ({ topic })) }))

const REASSIGN = 'reassign-partitions'
const ALL_COMPLETE = /^(?!.*still in progress)/s
/** Of every partition as many replicas in sync as there are. */
const ALL_IN_SYNC = /^(?!.*Replicas: (\d+),\d+\s+Isr: \d+\s)/s

const described = (topic: string, until: RegExp) => tool('topics', `--describe --topic ${topic}`, until)

const values = (partition: number) => `{"value":"v","partition":${partition},"timestamp":1700000000000}\n`.repeat(20)

/** Replicas that move among nodes that are up. */
const MOVES: Scenario = {
  name: 'three-nodes-moves',
  nodes: 3,
  steps: [
    tool('topics', '--create --topic orders --replica-assignment 1:2,2:3,3:1'),
    tool('topics', '--create --topic mail --replica-assignment 1:2:3'),
    odradek('produce orders --json', values(0) + values(1) + values(2)),
    described('orders', ALL_IN_SYNC),
    topicsFile('topics.json', 'mail'),
    tool(REASSIGN, '--generate --topics-to-move-json-file DIR/topics.json --broker-list 1,2,3'),
    tool(REASSIGN, '--generate --topics-to-move-json-file DIR/topics.json --broker-list 1,2'),
    assignment('move.json', ['orders', 0, [3, 2]], ['orders', 1, [1, 2]], ['orders', 2, [3]]),
    tool(REASSIGN, '--execute --reassignment-json-file DIR/move.json'),
    tool(REASSIGN, '--verify --reassignment-json-file DIR/move.json', ALL_COMPLETE),
    tool(REASSIGN, '--list'),
    described('orders', ALL_IN_SYNC),
    assignment('back.json', ['orders', 0, [1, 2]], ['orders', 1, [2, 3]], ['orders', 2, [3, 1]]),
    tool(REASSIGN, '--execute --throttle 10000000 --reassignment-json-file DIR/back.json'),
    tool(REASSIGN, '--verify --preserve-throttles --reassignment-json-file DIR/back.json', ALL_COMPLETE),
    tool('configs', '--describe --entity-type topics --entity-name orders'),
    tool('configs', '--describe --entity-type brokers --entity-name 1'),
    tool(REASSIGN, '--verify --reassignment-json-file DIR/back.json'),
    tool('configs', '--describe --entity-type topics --entity-name orders'),
    tool('configs', '--describe --entity-type brokers --entity-name 1'),
    described('orders', ALL_IN_SYNC),
    assignment('wide.json', ['orders', 0, [1, 2, 3]]),
    tool(REASSIGN, '--execute --disallow-replication-factor-change --reassignment-json-file DIR/wide.json'),
    assignment('twice.json', ['orders', 0, [1, 2]], ['orders', 0, [2, 1]]),
    tool(REASSIGN, '--execute --reassignment-json-file DIR/twice.json'),
    tool(REASSIGN, '--cancel --reassignment-json-file DIR/back.json'),
    tool('get-offsets', '--topic orders'),
  ],
}

/** Leaders that change because they should, and because they must. */
const ELECTIONS: Scenario = {
  name: 'three-nodes-elections',
  nodes: 3,
  steps: [
    tool('topics', '--create --topic orders --replica-assignment 1:2,2:3,3:1'),
    tool('topics', '--create --topic alone --replica-assignment 3'),
    tool('topics', '--create --topic guarded --replica-assignment 1:2:3 --config min.insync.replicas=3'),
    odradek('produce orders --json', values(0) + values(1) + values(2)),
    tool('leader-election', '--election-type preferred --all-topic-partitions'),
    // Another order of the same replicas moves nothing, and elects nobody yet.
    assignment('order.json', ['orders', 0, [2, 1]]),
    tool(REASSIGN, '--execute --reassignment-json-file DIR/order.json'),
    tool(REASSIGN, '--verify --reassignment-json-file DIR/order.json', ALL_COMPLETE),
    described('orders', ALL_IN_SYNC),
    tool('leader-election', '--election-type preferred --topic orders --partition 0'),
    tool('leader-election', '--election-type preferred --topic orders --partition 0'),
    described('orders', /Partition: 0\s+Leader: 2/),
    tool('leader-election', '--election-type unclean --topic orders --partition 0'),
    stopNode(3),
    described('orders', /Partition: 2\s+Leader: 1\s+Replicas: 3,1\s+Isr: 1\s/),
    described('alone', /Leader: none/),
    tool('topics', '--describe --under-replicated-partitions --topic orders'),
    tool('topics', '--describe --unavailable-partitions --topic alone'),
    tool('topics', '--describe --under-min-isr-partitions --topic orders'),
    // Who was in sync is eligible as long as too few are (KIP-966).
    described('guarded', /Elr: 3/),
    tool('topics', '--describe --under-min-isr-partitions --topic guarded'),
    tool('configs', '--alter --entity-type topics --entity-name guarded --add-config min.insync.replicas=2'),
    described('guarded', /Isr: 1,2\s+Elr: \s/),
    tool('leader-election', '--election-type preferred --topic orders --partition 2'),
    tool('leader-election', '--election-type unclean --topic alone --partition 0'),
    tool('leader-election', '--election-type unclean --topic orders --partition 2'),
    file('elect.json', '{"partitions":[{"topic":"orders","partition":0},{"topic":"orders","partition":2}]}'),
    tool('leader-election', '--election-type preferred --path-to-json-file DIR/elect.json'),
    // The tool itself takes none that is down.
    assignment('down.json', ['orders', 0, [2, 3]]),
    tool(REASSIGN, '--execute --reassignment-json-file DIR/down.json'),
    tool(REASSIGN, '--list'),
  ],
}

export const THREE_NODES: readonly Scenario[] = [MOVES, ELECTIONS]
