/** Whether the whole of a text fits. */
export type WholeTextPattern = (text: string) => boolean

/**
 * Compiles a client's pattern, in the syntax of RE2 as in Kafka: it takes linear time, so nobody can stop the broker with
 * it. The engine is loaded by the first use. Null and "" are no pattern at all.
 */
export async function wholeTextPattern(pattern: string | null): Promise<WholeTextPattern | null | 'bad'> {
  if (pattern === null || pattern === '') return null
  const { RE2JS, RE2JSSyntaxException } = await import('re2js')
  try {
    const compiled = RE2JS.compile(pattern)
    return (text) => compiled.matches(text)
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return 'bad'
    throw error
  }
}
