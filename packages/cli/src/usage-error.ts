/** What the person who started us can put right: one line with the value and the remedy. Ends the process with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
