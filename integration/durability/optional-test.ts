/** A test that the machine may not be able to run: then it counts as skipped, and the reason is printed. */
export function testUnless(fault: string | null, name: string, run: () => Promise<void>, msMax: number): void {
  if (fault === null) {
    test(name, run, msMax)
    return
  }
  console.warn(`skipped: ${name}: ${fault}`)
  test.skip(name, run)
}
