import { OffsetMap } from './offset-map.ts'

// `npx tsx packages/log/src/compaction/offset-map.bench.ts [keys]`: processor time of five million records of so many keys.

const RECORDS = 5_000_000
const KEYS = Number(process.argv[2] ?? 500_000)
const KEY_BYTES = 9
const ROUNDS = 3
const MAP_BYTES_MAX = 128 * 1024 * 1024

function round(): number {
  const map = new OffsetMap(0, RECORDS, MAP_BYTES_MAX, Buffer.alloc(16, 7))
  const key = Buffer.alloc(KEY_BYTES)
  const before = process.cpuUsage()
  let number = 0
  for (let offset = 0; offset < RECORDS; offset++) {
    key.writeInt32BE(number, KEY_BYTES - 4)
    number = (number + 7919) % KEYS
    map.put(key, 0, KEY_BYTES, offset)
  }
  const { user, system } = process.cpuUsage(before)
  if (map.size !== KEYS) throw new Error(`${map.size} keys`)
  return Math.round((user + system) / 1000)
}

const rounds = Array.from({ length: ROUNDS }, round)
console.log(`${RECORDS} records of ${KEYS} keys: ${rounds.join(', ')} ms of processor time`)
