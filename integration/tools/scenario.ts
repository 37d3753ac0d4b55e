import type { ToolName } from './tool-driver.ts'

/**
 * One call of a tool, or of `odradek`, which makes what the tools are to see. `DIR` and `BROKER` stand for what a run has,
 * `TOKEN` and `HMAC` for the delegation token that was printed last.
 */
export type Step =
  /** With `until` it is called again and again: Kafka answers before all of it has heard of a change. */
  | { readonly tool: ToolName; readonly words: string; readonly until?: RegExp }
  | { readonly odradek: string; readonly input: string }
  | { readonly file: string; readonly text: string }
  | { readonly stopsNode: number }

export interface Scenario {
  readonly name: string
  /** One, unless told otherwise. */
  readonly nodes?: number
  readonly steps: readonly Step[]
  /** On a broker with ACLs and with users that log in, on the listener that `USERS` stands for. */
  readonly secured?: boolean
}

/** A tool with words separated by spaces; `BROKER` is named first, unless the words do so in a way of their own. */
export const tool = (name: ToolName, words: string, until?: RegExp): Step => ({
  tool: name,
  ...(until === undefined ? {} : { until }),
  words: /BROKER|USERS/.test(words) ? words : `--bootstrap-server BROKER ${words}`,
})

export const odradek = (line: string, input = ''): Step => ({ odradek: line, input })
export const file = (name: string, text: string): Step => ({ file: name, text })
export const stopNode = (id: number): Step => ({ stopsNode: id })
