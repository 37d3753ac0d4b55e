import { randomBytes } from 'node:crypto'
import { normalize } from './normalize.ts'
import type { Scenario } from './scenario.ts'
import type { PlainAnswer } from './transcript.ts'
import { type Ports, World } from './world.ts'

/** Plays a scenario against a broker. @throws Error when it could not be played to its end. */
export async function play({ name, play: script }: Scenario, ports: Ports): Promise<readonly PlainAnswer[]> {
  const prefix = `s${randomBytes(6).toString('hex')}-`
  const world = new World(ports, prefix)
  try {
    await script(world)
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  } finally {
    world.close()
  }
  return normalize(world.answers, prefix)
}
