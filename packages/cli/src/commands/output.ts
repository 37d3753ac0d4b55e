/** A cell of a table, or a member of an object: null is `-` to the eye. */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [name: string]: Cell }
export type Row = Readonly<Record<string, Cell>>

const GAP = '  '

/** Columns as the names of the first row's members, in capitals; nothing for no rows. */
export function table(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {})
  if (names.length === 0) return ''
  const head = names.map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase())
  const lines = [head, ...rows.map((row) => names.map((name) => cellText(row[name] ?? null)))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines
    .map(
      (line) =>
        `${line
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join(GAP)
          .trimEnd()}\n`,
    )
    .join('')
}

function cellText(cell: Cell): string {
  if (cell === null || cell === '') return '-'
  if (Array.isArray(cell)) return cell.length === 0 ? '-' : cell.map(cellText).join(',')
  // What came over the wire must not move a terminal's cursor.
  return typeof cell === 'object' ? JSON.stringify(cell) : printable(String(cell))
}

/** Control characters as escapes. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** One object a line: what `jq`, `grep` and `while read` take as it comes. */
export const jsonLines = (rows: readonly Row[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
