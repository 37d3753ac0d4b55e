import { record } from '../differential/record.ts'
import { PASSWORD, SCRAM_MECHANISMS, USER } from './reference-settings.ts'
import { type ReferenceRelease, runningReference, startReference, stopReference } from './running-reference.ts'

const USAGE = `usage: npm run reference -- start [4.4|3.9] [NODES]   a Kafka of 1 or 3 nodes, which runs until it is stopped
       npm run reference -- stop [4.4|3.9]
       npm run reference -- record [PART OF A NAME…]   the answers that npm test compares with`

const RELEASES: ReadonlyMap<string, ReferenceRelease> = new Map([
  ['4.4', 'kafka-4.4'],
  ['3.9', 'kafka-3.9'],
])
const NODES = ['1', '3']

function releaseOf(text: string): ReferenceRelease {
  const release = RELEASES.get(text)
  if (release === undefined) throw new Error(`no Kafka ${text}: there are ${[...RELEASES.keys()].join(' and ')}`)
  return release
}

async function start(text = '4.4', nodes = '1'): Promise<void> {
  const release = releaseOf(text)
  if (!NODES.includes(nodes)) throw new Error(`${nodes} nodes: there can be ${NODES.join(' or ')}`)
  if (runningReference(release) !== null)
    throw new Error(`Kafka ${text} runs already: npm run reference -- stop ${text}`)
  const { plain, sasl, tls, authority } = await startReference(release, Number(nodes))
  console.log(`plain  ${plain.join()}`)
  console.log(`sasl   ${sasl.join()}  ${USER} / ${PASSWORD}, PLAIN or ${SCRAM_MECHANISMS.join(' or ')}`)
  console.log(`tls    ${tls.join()}  trust ${authority}`)
}

async function main([command, ...words]: readonly string[]): Promise<void> {
  const [first, second] = words
  switch (command) {
    case 'start':
      return start(first, second)
    case 'stop':
      if (!(await stopReference(releaseOf(first ?? '4.4')))) console.log('it does not run')
      return
    case 'record':
      process.exitCode = (await record(words)) === 0 ? 0 : 1
      return
    default:
      throw new Error(USAGE)
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
