import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cyclesUnderLoad } from './cycles-under-load.ts'
import { SEED } from './seed.ts'

const CYCLES = 5

test(`SIGTERM under load, ${CYCLES} times: answered, closed well, nothing to recover (SEED=${SEED})`, async () => {
  const exitCodes: (number | null)[] = []
  const markers: boolean[] = []
  let said = ''
  const outcome = await cyclesUnderLoad({
    seed: SEED,
    cycles: CYCLES,
    how: 'stop',
    ended: (broker, exitCode) => {
      exitCodes.push(exitCode)
      markers.push(existsSync(join(broker.dataDirectory, '.odradek_cleanshutdown')))
    },
    started: (broker) => {
      said = broker.stderr
    },
  })
  expect(outcome.faults).toEqual([])
  // What it has served it has answered.
  expect(outcome.servedUnanswered).toBe(0)
  expect(exitCodes).toEqual(Array(CYCLES).fill(0))
  expect(markers).toEqual(Array(CYCLES).fill(true))
  expect(said).not.toMatch(/WARN|ERROR|recover|torn/)
}, 60_000)
