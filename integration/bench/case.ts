import type { Brokers } from './brokers.ts'
import type { Stage } from './load-stage.ts'
import { type Measured, type RoundLimits, repeatRounds } from './rounds.ts'
import type { Sample } from './sample.ts'
import type { TargetName } from './target.ts'

/** Something that can be measured, by name. */
export interface Case {
  readonly name: string
  readonly targets: readonly TargetName[]
  /** Where a round takes long: so many are enough. */
  readonly rounds?: number
  open(brokers: Brokers, target: TargetName): Promise<Stage>
}

/**
 * In each round another target begins, and every other round goes backwards: what one leaves behind, such as a topic that is
 * still being deleted, meets the others equally often.
 */
export function orderOf(targets: readonly TargetName[], round: number): readonly TargetName[] {
  const first = round % targets.length
  const order = [...targets.slice(first), ...targets.slice(0, first)]
  return round % 2 === 0 ? order : order.reverse()
}

export async function runCase(
  one: Case,
  brokers: Brokers,
  targets: readonly TargetName[],
  limits: RoundLimits,
): Promise<Measured> {
  const stages = new Map<TargetName, Stage>()
  try {
    for (const target of one.targets) if (targets.includes(target)) stages.set(target, await one.open(brokers, target))
    const wanted = Math.min(limits.wanted, one.rounds ?? limits.wanted)
    return await repeatRounds(one.name, { ...limits, wanted }, async (number) => {
      const round = new Map<TargetName, Sample>()
      for (const target of orderOf([...stages.keys()], number)) {
        const stage = stages.get(target)
        if (stage !== undefined) round.set(target, await stage.round())
      }
      return round
    })
  } catch (error) {
    throw new Error(`${one.name}: ${error instanceof Error ? error.message : error}`, { cause: error })
  } finally {
    for (const stage of stages.values()) await stage.end()
  }
}
