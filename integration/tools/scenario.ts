import type { ToolName } from './tool-driver.ts'

/** One call of a tool, or of `odradek`, which makes what the tools are to see. `DIR` and `BROKER` stand for what a run has. */
export type Step =
  | { readonly tool: ToolName; readonly words: string }
  | { readonly odradek: string; readonly input: string }
  | { readonly file: string; readonly text: string }

export interface Scenario {
  readonly name: string
  readonly steps: readonly Step[]
}

/** A tool with words separated by spaces; `BROKER` is named first, unless the words do so in a way of their own. */
export const tool = (name: ToolName, words: string): Step => ({
  tool: name,
  words: words.includes('BROKER') ? words : `--bootstrap-server BROKER ${words}`,
})

export const odradek = (line: string, input = ''): Step => ({ odradek: line, input })
export const file = (name: string, text: string): Step => ({ file: name, text })
