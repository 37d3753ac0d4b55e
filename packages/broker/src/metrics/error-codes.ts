/** Values looked at for one answer: the largest ones have a row for each of a million partitions. */
const VALUES_MAX = 5000

/** Calls `found` with every `errorCode` in a response, at whatever depth, as far as a bounded look finds them. */
export function eachErrorCode(response: unknown, found: (code: number) => void): void {
  let left = VALUES_MAX
  const queue: unknown[] = [response]
  while (left > 0) {
    const value = queue.pop()
    if (value === undefined) return
    left--
    if (Array.isArray(value)) {
      if (typeof value[0] === 'object')
        for (let index = 0; index < value.length && index < left; index++) queue.push(value[index])
      continue
    }
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'errorCode' && typeof inner === 'number') found(inner)
      else if (typeof inner === 'object' && inner !== null) queue.push(inner)
    }
  }
}
