import { SimFs } from './contract/sim/sim-fs.ts'
import { OffsetCheckpoint } from './offset-checkpoint.ts'

const FIRST = { topicId: 'Zm9vYmFyYmF6cXV4cXV1eA', partition: 0 }
const SECOND = { topicId: '-_9vYmFyYmF6cXV4cXV1eA', partition: 12 }

function open(fs: SimFs): OffsetCheckpoint {
  fs.mkdirSync('d')
  return new OffsetCheckpoint(fs, 'd', 'offsets', true)
}

describe('an offset checkpoint', () => {
  it('survives a power cut once it says that it is saved', async () => {
    const fs = new SimFs()
    const checkpoint = open(fs)
    await fs.syncDirectory('')
    checkpoint.set(FIRST, 5)
    checkpoint.set(SECOND, Number.MAX_SAFE_INTEGER)
    await checkpoint.save()
    checkpoint.set(FIRST, 6)
    checkpoint.delete(SECOND)
    fs.losePower()
    const again = open(fs)
    expect([again.get(FIRST), again.get(SECOND)]).toEqual([5, Number.MAX_SAFE_INTEGER])
  })

  it('writes once for all that comes while it is writing', async () => {
    const fs = new SimFs()
    const checkpoint = open(fs)
    checkpoint.set(FIRST, 1)
    const saves = [checkpoint.save()]
    for (let offset = 2; offset < 10; offset++) {
      checkpoint.set(FIRST, offset)
      saves.push(checkpoint.save())
    }
    await Promise.all(saves)
    expect(fs.flushes).toHaveLength(2)
    expect(open(fs).get(FIRST)).toBe(9)
    await checkpoint.save()
    expect(fs.flushes).toHaveLength(2)
  })

  it('that could not be saved is saved the next time', async () => {
    const fs = new SimFs()
    const checkpoint = open(fs)
    checkpoint.set(FIRST, 1)
    fs.fault = (operation) => (operation === 'write' ? 'ENOSPC' : null)
    const saves = [checkpoint.save(), checkpoint.save()]
    for (const save of saves) await expect(save).rejects.toThrow('ENOSPC')
    fs.fault = () => null
    await checkpoint.save()
    expect(open(fs).get(FIRST)).toBe(1)
  })

  it('takes nothing from a file that is not whole', () => {
    const fs = new SimFs()
    fs.mkdirSync('d')
    for (const text of ['0\n2\nZm9vYmFyYmF6cXV4cXV1eA 0 5\n', '7\n0\n', 'x', '0\n1\nZm9vYmFyYmF6cXV4cXV1eA 0 5']) {
      fs.openSync('d/offsets', 'create').writeSync([Buffer.from(text)], 0)
      expect([text, open(fs).get(FIRST)]).toEqual([text, null])
    }
  })
})
