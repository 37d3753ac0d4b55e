/** Message format that a client of this version of Fetch reads; null where it takes batches as they are stored. */
export function oldFormatOf(version: number): 0 | 1 | null {
  if (version >= 4) return null
  return version >= 2 ? 1 : 0
}
