/** One API as its spec file has it, as far as the table goes. */
export interface SpecApi {
  readonly key: number
  readonly name: string
  /** Versions that any of the Kafkas we follow knows: `0-13`. */
  readonly versions: string
  /** Versions that Kafka 4.4 knows, where those are fewer. */
  readonly kafka44?: string
  /** Kafka's newest versions that it does not list, since their layout may still change. */
  readonly unstable?: string
}

/** One API that works here. */
export interface ServedApi {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

/** The README's table: what ApiVersions lists, beside what Kafka 4.4 lists. */
export function apiTable(specs: readonly SpecApi[], served: readonly ServedApi[]): string {
  const rows = [...specs]
    .sort((a, b) => a.key - b.key)
    .map((spec) => {
      const here = served.find(({ apiKey }) => apiKey === spec.key)
      return `| ${spec.key} | ${spec.name} | ${here ? range(here.minVersion, here.maxVersion) : 'not yet'} | ${listed(spec)} |`
    })
  return [
    `${served.length} of the ${specs.length} APIs that Kafka 4.4 lists to clients work here, in the versions shown.`,
    '',
    '| key | API | odradek | Kafka 4.4 |',
    '| --: | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

/** The versions that Kafka 4.4 lists. */
function listed({ versions, kafka44, unstable }: SpecApi): string {
  const [min = 0, max = min] = (kafka44 ?? versions).split('-').map(Number)
  return range(min, unstable === String(max) ? max - 1 : max)
}

function range(min: number, max: number): string {
  return min === max ? String(min) : `${min}-${max}`
}

/** `text` with `content` between the two marks of the section `name`. */
export function replaceSection(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: written by npm run docs -->`, `<!-- end of ${name} -->`]
  const start = text.indexOf(begin)
  const stop = text.indexOf(end)
  if (start < 0 || stop < start) throw new Error(`the text has no section ${name}`)
  return `${text.slice(0, start + begin.length)}\n\n${content}\n\n${text.slice(stop)}`
}
