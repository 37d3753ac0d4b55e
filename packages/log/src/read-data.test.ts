import { BufferPool } from './buffer-pool.ts'
import { PooledRead } from './read-data.ts'

class CountingPool extends BufferPool {
  heldBytes = 0

  override take(sizeBytes: number): Buffer {
    const buffer = super.take(sizeBytes)
    this.heldBytes += buffer.byteLength
    return buffer
  }

  override give(buffer: Buffer): void {
    this.heldBytes -= buffer.byteLength
    super.give(buffer)
    buffer.fill('x')
  }
}

const READ_BYTES = 1024 * 1024

function found(pool: BufferPool, bytes: number): PooledRead {
  const buffer = pool.take(READ_BYTES).fill('r')
  const read = { buffer, startAt: READ_BYTES - bytes, endAt: READ_BYTES, nextOffset: 1, readBytes: READ_BYTES }
  return new PooledRead(pool, read, [])
}

test.each([
  [READ_BYTES / 4, READ_BYTES],
  [READ_BYTES / 4 - 1, READ_BYTES / 4],
  [70, 4096],
])('%i bytes found in 1 MB hold %i until they are sent', (bytes, heldBytes) => {
  const pool = new CountingPool()
  const read = found(pool, bytes)
  expect(pool.heldBytes).toBe(heldBytes)
  expect(read.readBytes).toBe(READ_BYTES)
  expect(Buffer.from(read.records).equals(Buffer.alloc(bytes, 'r'))).toBe(true)
  read.release()
  expect(pool.heldBytes).toBe(0)
  expect(() => read.release()).toThrow('once')
})

test('4 KB are not copied, however little was found in them', () => {
  const pool = new CountingPool()
  const buffer = pool.take(4096)
  const read = { buffer, startAt: 0, endAt: 70, nextOffset: 1, readBytes: 4096 }
  expect(new PooledRead(pool, read, []).records.buffer).toBe(buffer.buffer)
})
