import type { Case } from './case.ts'
import { CONNECTION_CASES } from './connections-case.ts'
import { FlagError } from './flags.ts'
import { GROUP_CASES } from './groups-case.ts'
import { fetchStage, freshStage } from './load-stage.ts'
import { LOAD_WORKLOADS, type LoadWorkload } from './load-workload.ts'
import { PARTITIONS_CASE } from './partitions-case.ts'
import { START_CASE } from './start-case.ts'
import { CONSUMER_PERFORMANCE_CASE, PRODUCER_PERFORMANCE_CASE } from './stock/java-performance.ts'
import { KAFKAJS_CASE } from './stock/kafkajs.ts'
import { RDKAFKA_CASES } from './stock/rdkafka.ts'
import { TARGETS, type TargetName } from './target.ts'

const WITHOUT_LIMIT: readonly TargetName[] = ['odradek', 'kafka']

function loadCase(workload: LoadWorkload): Case {
  return {
    name: workload.name,
    targets: workload.kind === 'deliver' ? WITHOUT_LIMIT : TARGETS,
    open: async (brokers, target) =>
      workload.kind === 'fetch' ? await fetchStage(brokers, target, workload) : freshStage(brokers, target, workload),
  }
}

export const CASES: readonly Case[] = [
  ...LOAD_WORKLOADS.map(loadCase),
  START_CASE,
  ...CONNECTION_CASES,
  PARTITIONS_CASE,
  ...GROUP_CASES,
]
export const STOCK_CASES: readonly Case[] = [
  KAFKAJS_CASE,
  ...RDKAFKA_CASES,
  PRODUCER_PERFORMANCE_CASE,
  CONSUMER_PERFORMANCE_CASE,
]

/** @throws Error when there is none */
export function caseCalled(name: string): Case {
  const found = [...CASES, ...STOCK_CASES].find((one) => one.name === name)
  if (found === undefined) throw new Error(`no workload is called "${name}"`)
  return found
}

/** @throws FlagError when there is none */
export function casesWith(part: string, all: readonly Case[]): readonly Case[] {
  const cases = all.filter(({ name }) => name.includes(part))
  if (cases.length > 0) return cases
  throw new FlagError(
    `no workload has "${part}" in its name; there are:\n  ${all.map(({ name }) => name).join('\n  ')}`,
  )
}
