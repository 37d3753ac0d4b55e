/** One instruction of a Dockerfile, lines joined. */
export interface Instruction {
  readonly name: string
  readonly text: string
}

export interface Copy {
  readonly fromStage: string | null
  readonly sources: readonly string[]
  readonly target: string
}

/** What is left in the image: the instructions of the last stage. */
export interface Image {
  readonly instructions: readonly Instruction[]
  readonly environment: Readonly<Record<string, string>>
  readonly copies: readonly Copy[]
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  /** The command of HEALTHCHECK. */
  readonly health: readonly string[]
  readonly user: string
  readonly volumes: readonly string[]
}

export function instructionsOf(text: string): readonly Instruction[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
  return lines.map((line) => {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    return { name: name.toUpperCase(), text: rest.trim() }
  })
}

export function lastStage(text: string): Image {
  const all = instructionsOf(text)
  const instructions = all.slice(all.findLastIndex(({ name }) => name === 'FROM'))
  const textsOf = (wanted: string) => instructions.filter(({ name }) => name === wanted).map(({ text }) => text)
  return {
    instructions,
    environment: Object.fromEntries(textsOf('ENV').flatMap((text) => text.split(/\s+/).map(pair))),
    copies: textsOf('COPY').map(copyOf),
    entrypoint: execForm(textsOf('ENTRYPOINT').at(-1) ?? '[]'),
    command: execForm(textsOf('CMD').at(-1) ?? '[]'),
    health: execForm(/CMD (.*)$/.exec(textsOf('HEALTHCHECK').at(-1) ?? '')?.[1] ?? '[]'),
    user: textsOf('USER').at(-1) ?? 'root',
    volumes: textsOf('VOLUME'),
  }
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}

function copyOf(text: string): Copy {
  const words = text.split(/\s+/)
  const flag = words.find((word) => word.startsWith('--from='))
  const paths = words.filter((word) => !word.startsWith('--'))
  return { fromStage: flag?.slice('--from='.length) ?? null, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' }
}

/** @throws unless the command is an array: a shell in between would keep the signals to itself. */
function execForm(text: string): readonly string[] {
  const words: unknown = JSON.parse(text)
  if (!Array.isArray(words)) throw new Error(`not in exec form: ${text}`)
  return words.map(String)
}
