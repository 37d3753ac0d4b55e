import type { LogFields, Logger } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { ErrorCode } from '@odradek/protocol'
import { Running } from './running-fixture.ts'
import { storage } from './storage-fixture.ts'

// From the changed byte to the mended log, as a client and as a person see it.

const BATCHES = 12

class ErrorLog implements Logger {
  readonly lines: string[] = []
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(message: string, fields?: LogFields): void {
    this.lines.push(`${message} ${JSON.stringify(fields)}`)
  }
}

/** A stopped broker's directory whose partition orders-1 has a changed byte in its sixth batch. */
async function damaged(at: number): Promise<MemoryFs> {
  const fs = new MemoryFs()
  const running = await Running.on(fs)
  for (let index = 0; index < BATCHES; index++) for (const partition of [0, 1]) await running.produce(partition)
  await running.stop()
  const directory = fs.readdirSync('d').find((name) => /^[0-9a-f]{32}-1$/.test(name))
  const file = fs.openSync(`d/${directory}/00000000000000000000.log`, 'append')
  file.writeSync([Buffer.from([0x99])], (file.size() / BATCHES) * 5 + at)
  file.closeSync()
  return fs
}

const all = Array.from({ length: BATCHES }, (_, index) => index)

describe.each([
  ['a record', 150],
  ['a header', 9],
])('a changed byte in %s below the recovery point', (_, at) => {
  test('takes this partition offline and no other, and the log says where', async () => {
    const fs = await damaged(at)
    const logger = new ErrorLog()
    const running = await Running.on(fs, logger)
    expect(await running.fetch(0)).toEqual(all)
    expect(await running.fetch(1)).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    expect(await running.fetch(1)).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    await running.produce(0)
    await running.stop()
    const [line] = logger.lines.filter((one) => one.includes('offline'))
    expect(line).toMatch(/-1\/00000000000000000000\.log/)
    expect(line).toMatch(/offsets?"?[ :]5/i)
  })

  test.each([
    ['--skip-batch', all.filter((each) => each !== 5)],
    ['--truncate', all.slice(0, 5)],
  ])('is mended by %s, and clients see a new leader epoch', async (mode, left) => {
    const fs = await damaged(at)
    const checked = await storage(fs, 'check d --topic orders --json')
    expect(checked.code).toBe(1)
    const { findings } = JSON.parse(checked.stdout)
    expect(findings).toMatchObject([
      { topic: 'orders', partition: 1, fromOffset: 5, toOffset: 6, position: expect.any(Number) },
    ])
    expect(findings[0].repair).toBe('odradek storage repair d --topic orders --partition 1 --skip-batch')
    const repaired = await storage(fs, `repair d --topic orders --partition 1 ${mode}`)
    expect(repaired).toMatchObject({ code: 0, stderr: '' })
    expect(repaired.stdout).toMatch(/kept .*\.damaged/)
    expect((await storage(fs, 'check d')).code).toBe(0)
    const running = await Running.on(fs)
    expect(await running.fetch(0)).toEqual(all)
    expect(await running.fetch(1)).toEqual(left)
    expect([await running.leaderEpoch(0), await running.leaderEpoch(1)]).toEqual([0, 1])
    await running.produce(1)
    await running.stop()
    expect((await storage(fs, 'check d')).code).toBe(0)
  })
})
