/**
 * MB/s of CRC-32C, ours and the fallback: `npx tsx packages/records/src/crc32c.bench.ts`. Best of 15 rounds each, because
 * on a shared machine the fastest round says most about the code.
 */
import { crc32c, javascriptEngine, largeCrc32cMemory } from './crc32c.ts'

const ROUNDS = 15
const BYTES_PER_ROUND = 4_000_000

function bestMegabytesPerSecond(sizeBytes: number, work: () => void): string {
  const calls = Math.max(1, Math.floor(BYTES_PER_ROUND / sizeBytes))
  let bestNs = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.hrtime.bigint()
    for (let call = 0; call < calls; call++) work()
    bestNs = Math.min(bestNs, Number(process.hrtime.bigint() - started) / calls)
  }
  return ((sizeBytes / bestNs) * 1000).toFixed(0)
}

const data = Buffer.alloc(1024 * 1024, 'odradek')
const fallback = javascriptEngine()
const rows = [100, 1024, 16 * 1024, 100 * 1024, 1024 * 1024].map((sizeBytes) => {
  const part = data.subarray(0, sizeBytes)
  const inPlace = largeCrc32cMemory()?.subarray(0, sizeBytes)
  inPlace?.set(part)
  return {
    'size (B)': sizeBytes,
    'copied in': bestMegabytesPerSecond(sizeBytes, () => crc32c(part)),
    'in place': inPlace === undefined ? '-' : bestMegabytesPerSecond(sizeBytes, () => crc32c(inPlace)),
    'crc-32 (JavaScript)': bestMegabytesPerSecond(sizeBytes, () => fallback.update(-1, part, 0, part.length, false)),
  }
})
console.table(rows)
