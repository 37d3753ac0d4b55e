/** Waits for a condition, looking every few milliseconds; says what it waited for when it never holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, msMax = 15_000): Promise<void> {
  const end = performance.now() + msMax
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never happened within ${msMax} ms: ${what}`)
    await new Promise((resume) => setTimeout(resume, 5))
  }
}
