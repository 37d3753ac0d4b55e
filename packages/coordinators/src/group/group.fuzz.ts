import { SeededPrng } from '@odradek/core'
import { FuzzClient } from './fuzz-client.ts'
import { FuzzWorld } from './fuzz-world.ts'

const { SEED, FUZZ_MS = '1500' } = process.env

const STEPS = 400
const CLIENTS = 8

/**
 * Consumers join, assign, commit, die and misbehave, while time passes in leaps, records become durable late or not at
 * all, and the machine crashes. After every step the invariants of SPEC.md hold. `SEED=n` repeats one run.
 */
test('whatever members do, the invariants hold and everybody is answered', () => {
  if (SEED !== undefined) {
    live(Number(SEED))
    return
  }
  const firstSeed = Date.now() % 1_000_000_000
  const end = performance.now() + Number(FUZZ_MS)
  let seed = firstSeed
  for (; performance.now() < end; seed++) live(seed)
  console.log(`groups: ${seed - firstSeed} lives of a machine from seed ${firstSeed}`)
})

function live(seed: number): void {
  const prng = new SeededPrng(seed)
  const world = new FuzzWorld(prng)
  const clients = Array.from({ length: CLIENTS }, (_, index) => {
    const groupId = prng.below(4) === 0 ? 'other' : 'group'
    const instance = prng.below(3) === 0 ? `i${prng.below(3)}` : null
    return new FuzzClient(world, `c${index}`, groupId, instance, prng.below(10))
  })
  try {
    for (let step = 0; step < STEPS; step++) {
      act(world, clients)
      world.check()
      if (step % 20 === 0) world.checkOffsets()
      if (step % 50 === 0) world.checkRestart()
    }
    world.finish()
    world.checkRestart()
  } catch (error) {
    throw new Error(`SEED=${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

function act(world: FuzzWorld, clients: readonly FuzzClient[]): void {
  const { prng } = world
  const dice = prng.below(1_000)
  if (dice < 600) clients[prng.below(clients.length)]?.step()
  else if (dice < 640) world.endTransaction()
  else if (dice < 800) world.settle(1 + prng.below(5))
  else if (dice < 990) world.clock.advance(prng.below(dice < 960 ? 1_000 : 15_000))
  else if (dice < 992) world.clock.jumpWall((prng.below(3) - 1) * 86_400_000)
  else if (dice < 996) world.failAppend()
  else if (dice < 997) world.crash()
  else world.clock.advance(600_000)
}
