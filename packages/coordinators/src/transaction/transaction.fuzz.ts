import { SeededPrng } from '@odradek/core'
import { FuzzProducer } from './fuzz-producer.ts'
import { FuzzWorld } from './fuzz-world.ts'

const { SEED, FUZZ_MS = '1500' } = process.env

const STEPS = 600
const PRODUCERS = 6
const TRANSACTIONAL_IDS = 3

/**
 * Producers share transactional ids, die, recover and come late, while time passes in leaps, records become durable late
 * or not at all, markers fail, and the machine crashes. The invariants of SPEC.md hold throughout. `SEED=n` repeats one run.
 */
test('whatever producers do, the invariants hold and every transaction is resolved', () => {
  if (SEED !== undefined) {
    live(Number(SEED))
    return
  }
  const firstSeed = Date.now() % 1_000_000_000
  const end = performance.now() + Number(FUZZ_MS)
  let seed = firstSeed
  for (; performance.now() < end; seed++) live(seed)
  console.log(`transactions: ${seed - firstSeed} lives of a machine from seed ${firstSeed}`)
})

function live(seed: number): void {
  const prng = new SeededPrng(seed)
  try {
    const world = new FuzzWorld(prng, prng.below(3))
    if (prng.below(2) === 0) world.seed('id0', 7n, 32_760 + prng.below(7))
    const producers = Array.from(
      { length: PRODUCERS },
      (_, index) => new FuzzProducer(world, `p${index}`, `id${prng.below(TRANSACTIONAL_IDS)}`, prng.below(3) > 0),
    )
    for (let step = 0; step < STEPS; step++) {
      act(world, producers)
      if (step % 50 === 0) world.checkRestart()
    }
    world.finish()
    world.checkRestart()
  } catch (error) {
    throw new Error(`SEED=${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

function act(world: FuzzWorld, producers: readonly FuzzProducer[]): void {
  const { prng } = world
  const dice = prng.below(1_000)
  if (dice < 500) producers[prng.below(producers.length)]?.step()
  else if (dice < 700) world.settle(1 + prng.below(5))
  else if (dice < 880) world.writeMarkers()
  else if (dice < 975) world.clock.advance(prng.below(1_000))
  else if (dice < 985) world.clock.advance(prng.below(40_000))
  else if (dice < 992) world.failAppend()
  else if (dice < 998) world.crash()
  else world.clock.advance(2 * 3_600_000)
}
