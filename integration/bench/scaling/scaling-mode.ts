import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { BrokerProcess } from '../../harness/broker-process.ts'
import { type BenchOptions, FlagError } from '../flags.ts'
import { factsText, machineFacts } from '../machine.ts'
import { checkResultFile } from '../prerequisites.ts'
import { type Curve, judge, type Point, type Verdict } from './curve.ts'
import { CURVES } from './curves.ts'
import { type Drive, Driver } from './drive.ts'
import { IDLE_BYTES_MAX, IDLE_CPU_US_MAX, type IdleCost, idleCosts } from './idle-cost.ts'
import { cpuUs } from './thread-cpu.ts'

/** Compiles what the requests run through; of the first size more, since nothing is compiled yet. */
const WARM_UP_SHARE = 0.25
const FIRST_WARM_UP_SHARE = 2
const IDLE = 'idle'

interface CurveResult {
  readonly curve: string
  readonly unit: string
  readonly points: readonly Point[]
  readonly verdict: Verdict
}

/** The least of the rounds: others on the machine only add to it. */
async function measure(broker: BrokerProcess, port: number, drive: Drive, warmUp: number, rounds: number) {
  const driver = await Driver.open(port, drive)
  try {
    await driver.run(Math.ceil(drive.requests * warmUp))
    let least = Number.POSITIVE_INFINITY
    for (let round = 0; round < rounds; round++) {
      const before = cpuUs(broker.pid)
      await driver.run(drive.requests)
      least = Math.min(least, (cpuUs(broker.pid) - before) / drive.requests / drive.itemsPerRequest)
    }
    return least
  } finally {
    driver.close()
  }
}

async function follow(curve: Curve, rounds: number): Promise<CurveResult> {
  const broker = await BrokerProcess.start({ flags: ['--flush', 'os'] })
  try {
    const port = Number(broker.bootstrap[0]?.split(':').at(-1))
    const points: Point[] = []
    let from = 0
    for (const size of curve.sizes) {
      const drive = await curve.grow(port, from, size)
      const warmUp = from === 0 ? FIRST_WARM_UP_SHARE : WARM_UP_SHARE
      points.push({ size, cpuUs: await measure(broker, port, drive, warmUp, rounds) })
      from = size
    }
    return { curve: curve.name, unit: curve.unit, points, verdict: judge(points) }
  } finally {
    await broker.dispose()
  }
}

function tell({ curve, unit, points, verdict }: CurveResult): void {
  const costs = points.map(({ size, cpuUs }) => `${size}: ${cpuUs.toFixed(1)}`).join(', ')
  const sums = `exponent ${verdict.exponent.toFixed(2)}, ratio ${verdict.ratio.toFixed(2)} of ${verdict.ratioMax.toFixed(1)}`
  console.log(`${verdict.holds ? 'holds' : 'FAILS'}  ${curve}, CPU us a ${unit}: ${costs}; ${sums}`)
  if (verdict.why !== null) console.log(`       ${verdict.why}`)
}

const isFirst = ({ before }: IdleCost): boolean => before === 0

/** The first have all in them that is there once, and a broker that starts is not at rest at once: they are not judged. */
const isSmall = (cost: IdleCost): boolean =>
  isFirst(cost) || (cost.bytes <= IDLE_BYTES_MAX && cost.cpuUsPerSecond <= IDLE_CPU_US_MAX)

function tellIdle(cost: IdleCost): void {
  const { what, added, before, bytes, cpuUsPerSecond } = cost
  const memory = `${(bytes / 1024).toFixed(2)} KB`
  if (isFirst(cost)) {
    console.log(`       idle ${what}: ${memory} each, of the first ${added}, with what they load and compile`)
    return
  }
  const bounds = `at most ${IDLE_BYTES_MAX / 1024} KB and ${IDLE_CPU_US_MAX} us`
  console.log(
    `${isSmall(cost) ? 'holds' : 'FAILS'}  idle ${what}: ${memory} and ${cpuUsPerSecond.toFixed(3)} us of CPU a second each, of ${added} more than ${before}; ${bounds}`,
  )
}

/** `--scaling`: each curve on a broker of its own, which grows from size to size. */
export async function scalingMode({ workload, json, rounds }: BenchOptions): Promise<number> {
  const curves = CURVES.filter(({ name }) => name.includes(workload))
  const withIdle = IDLE.includes(workload)
  if (curves.length === 0 && !withIdle)
    throw new FlagError(
      `no curve has "${workload}" in its name; there are: ${[...CURVES.map(({ name }) => name), IDLE].join(' | ')}`,
    )
  checkResultFile(json)
  const facts = machineFacts(tmpdir())
  console.log(factsText(facts))
  const results: CurveResult[] = []
  for (const curve of curves) {
    const result = await follow(curve, rounds)
    tell(result)
    results.push(result)
  }
  const idle = withIdle ? await idleCosts() : []
  for (const cost of idle) tellIdle(cost)
  if (json !== null) writeFileSync(json, `${JSON.stringify({ facts, curves: results, idle }, null, 2)}\n`)
  return results.every(({ verdict }) => verdict.holds) && idle.every(isSmall) ? 0 : 1
}
