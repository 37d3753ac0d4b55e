import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BrokerProcess } from '../harness/broker-process.ts'
import { WireClient } from '../harness/wire-client.ts'
import { createdTopic } from './broker-calls.ts'
import { portOf } from './cycles-under-load.ts'

/** Everything below `directory`: what it is, when it was changed, what it holds. */
function listing(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .concat('.')
    .map((name) => {
      const path = join(directory, name)
      const { mtimeMs, size } = statSync(path)
      if (statSync(path).isDirectory()) return `${name} ${mtimeMs}`
      return `${name} ${mtimeMs} ${size} ${createHash('sha1').update(readFileSync(path)).digest('hex')}`
    })
}

test('a second broker on one directory ends with an error and writes nothing; the first goes on', async () => {
  const first = await BrokerProcess.start()
  try {
    const client = await WireClient.open(portOf(first))
    await createdTopic(client, 'held', 3)
    const before = listing(first.dataDirectory)
    const second = new BrokerProcess({ dataDirectory: first.dataDirectory })
    await expect(second.start()).rejects.toThrow('ended with 1')
    expect(second.stderr).toContain('another broker is using it; stop that one')
    expect(listing(first.dataDirectory)).toEqual(before)
    await createdTopic(client, 'still', 1)
    client.close()
  } finally {
    await first.dispose()
  }
}, 30_000)
