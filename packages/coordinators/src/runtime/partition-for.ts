/** Java's `String.hashCode`: 31-fold over UTF-16 code units, in 32 bits. */
function javaStringHashCode(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0
  return hash
}

/** The partition of an internal topic that coordinates `key`, as every Kafka broker and tool computes it. */
export function partitionFor(key: string, partitions: number): number {
  const hash = javaStringHashCode(key)
  // The most negative hash has no positive counterpart in 32 bits; Kafka takes 0 for it.
  const positive = hash === -0x8000_0000 ? 0 : Math.abs(hash)
  return positive % partitions
}
