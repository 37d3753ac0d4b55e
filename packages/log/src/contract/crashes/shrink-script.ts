import type { CrashScript, Step } from './crash-script.ts'

const ATTEMPTS_MAX = 400

/** The script with as few steps as still make `fails` say so: first halves are left out, then single ones. */
export async function shrinkScript(
  script: CrashScript,
  fails: (script: CrashScript) => Promise<boolean>,
): Promise<CrashScript> {
  let shortest = script
  let attempts = 0
  const tryOne = async (shorter: CrashScript): Promise<boolean> => {
    if (attempts++ >= ATTEMPTS_MAX || !(await fails(shorter))) return false
    shortest = shorter
    return true
  }
  for (let size = 32; size >= 1; size = Math.floor(size / 2)) {
    for (let life = 0; life < shortest.lives.length; life++) {
      for (let at = 0; at < (shortest.lives[life]?.steps.length ?? 0); ) {
        if (!(await tryOne(without(shortest, life, at, size)))) at += size
      }
    }
  }
  return shortest
}

function without(script: CrashScript, life: number, at: number, count: number): CrashScript {
  const cut = (steps: readonly Step[]): Step[] => [...steps.slice(0, at), ...steps.slice(at + count)]
  const lives = script.lives.map((one, index) => (index === life ? { ...one, steps: cut(one.steps) } : one))
  return { ...script, lives }
}
