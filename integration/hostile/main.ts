import { loadavg } from 'node:os'
import { ApiVersions, Metadata } from '@odradek/protocol'
import { frameOf } from '../bench/frame-of.ts'
import { answersFlood } from './answers-flood.ts'
import { autoCreateFlood, bombFlood, elementFlood, patternFlood } from './bytes-floods.ts'
import { cardinalityFlood } from './cardinality-flood.ts'
import type { Flood } from './flood.ts'
import { announceFlood, connectionFlood, helloFlood, pipelineFlood } from './peers-floods.ts'
import { PoliteClient } from './polite-client.ts'
import { slowReaderFlood } from './slow-readers-flood.ts'
import { nameStormFlood } from './storms-flood.ts'
import { waitingFloods } from './waiting-flood.ts'
import { WatchedBroker } from './watched-broker.ts'

const FLOODS: readonly Flood[] = [
  helloFlood,
  elementFlood,
  bombFlood,
  patternFlood,
  pipelineFlood,
  autoCreateFlood,
  announceFlood,
  connectionFlood,
  slowReaderFlood,
  answersFlood,
  cardinalityFlood,
  nameStormFlood,
  ...waitingFloods,
]

const POLITE_FRAMES = [
  frameOf('polite', ApiVersions, 0, {}),
  frameOf('polite', Metadata, 1, { topics: [{ name: 'polite' }] }),
].map((frame) => Buffer.from(frame))

/** `npm run floods [-- NAME…]`: what an attacker can do to a broker, one way after the other, and whether it holds. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !FLOODS.some((flood) => flood.name === name))
  if (unknown.length > 0)
    throw new Error(`no flood ${unknown.join()}; there are ${FLOODS.map(({ name }) => name).join()}`)
  let failed = 0
  let count = 0
  for (const flood of FLOODS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.log(`\n${flood.name} (row ${flood.row}), load ${loadavg()[0]?.toFixed(1)}`)
    const broker = await WatchedBroker.start({ environment: environmentOf(flood), flags: ['--topic', 'polite:1'] })
    const polite = new PoliteClient(broker.port, POLITE_FRAMES)
    try {
      await flood.run({ broker, polite }, ({ what, figure, isWithin }) => {
        count += 1
        if (isWithin === false) failed += 1
        const verdict = isWithin === null ? 'not judged at this load,' : isWithin ? 'ok  ' : 'FAIL'
        console.log(`${verdict} ${what}: ${figure}`)
      })
      const { rejections } = await broker.seen()
      if (rejections > 0) failed += 1
      if (rejections > 0) console.log(`FAIL ${rejections} unhandled rejections\n${broker.process.stderr.slice(-5000)}`)
      const bugs = broker.process.stderr.split('\n').filter((line) => /failed by a bug|could not be/.test(line))
      if (bugs.length > 0) console.log(`FAIL the log tells of bugs:\n${bugs.slice(0, 5).join('\n').slice(0, 5000)}`)
      failed += bugs.length
    } finally {
      polite.stop()
      await broker.dispose()
    }
  }
  console.log(`\n${count} figures, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

function environmentOf({ settings = {}, heapMegabytes }: Flood): Record<string, string> {
  const named = Object.entries(settings).map(([key, value]) => [
    key.startsWith('odradek.')
      ? key.toUpperCase().replaceAll('.', '_')
      : `KAFKA_${key.toUpperCase().replaceAll('.', '_')}`,
    value,
  ])
  const heap = heapMegabytes === undefined ? [] : [['NODE_OPTIONS', `--max-old-space-size=${heapMegabytes}`]]
  return Object.fromEntries([...named, ...heap])
}

await main(process.argv.slice(2))
