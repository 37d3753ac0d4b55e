/** A line that is not a property, named by its number from 1. */
export class PropertiesError extends Error {
  override readonly name = 'PropertiesError'
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

interface LogicalLine {
  /** Of its first natural line, from 1. */
  readonly number: number
  readonly text: string
}

/**
 * Keys and values of a Java `.properties` text, as java.util.Properties reads it: comments by `#` or `!`, lines continued
 * by a backslash, `=`, `:` or white space after the key, escapes. Of a key given twice the last one counts. Values keep
 * the white space at their end. (Java makes an empty property of a lone backslash that ends the text; here it is nothing.)
 */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const keyEnd = endOfKey(line.text)
    const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(line.text.slice(keyEnd))
    const valueStart = keyEnd + (separator?.[0].length ?? 0)
    properties.set(unescaped(line, line.text.slice(0, keyEnd)), unescaped(line, line.text.slice(valueStart)))
  }
  return properties
}

/** Natural lines joined where a backslash continues them; comments and blank lines are gone. */
function logicalLines(text: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = []
  let open: LogicalLine | null = null
  for (const [index, natural] of text.split(/\r\n|\r|\n/).entries()) {
    const content = natural.replace(/^[ \t\f]+/, '')
    // Only where nothing has been gathered yet: a continued line may begin with the sign of a comment, or be blank.
    const gathered: string = open?.text ?? ''
    if (gathered === '' && (content.startsWith('#') || content.startsWith('!'))) {
      open = null
      continue
    }
    const continues = endsInOpenBackslash(content)
    const line: LogicalLine = {
      number: open?.number ?? index + 1,
      text: gathered + (continues ? content.slice(0, -1) : content),
    }
    open = continues ? line : null
    if (!continues && line.text !== '') lines.push(line)
  }
  if (open !== null && open.text !== '') lines.push(open)
  return lines
}

function endsInOpenBackslash(text: string): boolean {
  const backslashes = /\\*$/.exec(text)?.[0].length ?? 0
  return backslashes % 2 === 1
}

/** Index of the first separator that no backslash protects. */
function endOfKey(text: string): number {
  return /^(?:\\.|[^\\=: \t\f])*/s.exec(text)?.[0].length ?? 0
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescaped(line: LogicalLine, text: string): string {
  return text.replace(/\\(u[\s\S]{0,4}|[\s\S])/g, (_, escaped: string) => {
    if (!escaped.startsWith('u')) return ESCAPES[escaped] ?? escaped
    if (!/^u[0-9a-fA-F]{4}$/.test(escaped)) {
      throw new PropertiesError(line.number, `\\${escaped} is no character: \\u needs four hexadecimal digits`)
    }
    return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  })
}
