import { present } from '@odradek/core'

let engine: typeof import('re2js') | null = null

/** Loads what patterns are compiled with: only who has some needs it. */
export async function loadPatternEngine(): Promise<void> {
  engine ??= await import('re2js')
}

/** Whether it is a pattern of the engine that takes linear time: none that looks around or back. After `loadPatternEngine`. */
export function isLinearPattern(text: string): boolean {
  const { RE2JS, RE2JSSyntaxException } = present(engine, 'the engine is loaded')
  try {
    RE2JS.compile(text)
    return true
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return false
    throw error
  }
}
