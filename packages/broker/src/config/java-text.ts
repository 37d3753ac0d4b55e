const SPACE = ' '

/** Java's `trim`: control characters are white space too, and what Unicode adds is none. */
export function javaTrim(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && text.charAt(start) <= SPACE) start++
  while (end > start && text.charAt(end - 1) <= SPACE) end--
  return text.slice(start, end)
}

/** Java's `split`: it leaves empty elements at the end out, but makes one of the empty text. */
export function javaSplit(text: string, separator: string): readonly string[] {
  const elements = text.split(separator)
  if (elements.length === 1) return elements
  return elements.slice(0, elements.findLastIndex((element) => element !== '') + 1)
}
