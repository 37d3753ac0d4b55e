/** A key as the table of settings shows it. */
export interface ConfigRow {
  readonly name: string
  readonly type: string
  readonly defaultText: string | null
  readonly importance: string
  readonly documentation: string
  /** Broker keys: read-only, per-broker, cluster-wide. */
  readonly update?: string
  /** Whether anything here follows it. */
  readonly hasEffect: boolean
}

export interface ConfigGroup {
  readonly title: string
  readonly rows: readonly ConfigRow[]
}

const INTRODUCTION = `# Every key

Written by \`npm run docs\` from the tables that also check, show and explain the keys. All of them are accepted, checked and shown, in
the file, in \`KAFKA_\` variables and, where they can be changed while the broker runs, by DescribeConfigs and IncrementalAlterConfigs;
those without a mark in the column "here" have no effect. [settings.md](settings.md) tells more of the ones that only odradek has.`

/** docs/configs.md as a whole. */
export function configTables(groups: readonly ConfigGroup[]): string {
  const tables = groups.map(({ title, rows }) => {
    const hasUpdate = rows.some(({ update }) => update !== undefined)
    const head = ['key', 'type', 'default', ...(hasUpdate ? ['changed'] : []), 'here', 'what it does']
    const lines = [...rows].sort((a, b) => (a.name < b.name ? -1 : 1)).map((row) => line(row, hasUpdate))
    return [`## ${title}`, '', cells(head), cells(head.map(() => '---')), ...lines].join('\n')
  })
  return `${[INTRODUCTION, ...tables].join('\n\n')}\n`
}

function line(row: ConfigRow, hasUpdate: boolean): string {
  const { name, type, defaultText, update, hasEffect, documentation } = row
  const shownDefault = defaultText === null || defaultText === '' ? '' : `\`${defaultText}\``
  const isHere = hasEffect ? 'yes' : ''
  return cells([
    `\`${name}\``,
    type.toLowerCase(),
    shownDefault,
    ...(hasUpdate ? [update ?? ''] : []),
    isHere,
    documentation,
  ])
}

const cells = (texts: readonly string[]): string =>
  `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
