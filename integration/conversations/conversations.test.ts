import { unexplainedIn } from './compare.ts'
import type { Turn } from './conversation.ts'
import { readConversation } from './recorded.ts'
import { RUNS } from './runs/index.ts'
import { withOdradek } from './targets.ts'

const kept = Object.entries(RUNS).filter(([, { isKept }]) => isKept)

function recordingOf(name: string): readonly Turn[] {
  const recording = readConversation(name)
  if (recording === undefined) throw new Error(`${name} is not recorded: npm run conversations -- record ${name}`)
  return recording
}

test.each(kept)('%s and this broker say to each other what it and Kafka 4.4 did', async (name, { talk }) => {
  expect(unexplainedIn(recordingOf(name), await withOdradek(talk))).toEqual([])
})

test('another code, a turn too many and a turn too few are found', () => {
  const recording = recordingOf('kafkajs')
  const [first, ...rest] = recording
  if (first === undefined) throw new Error('an empty recording')
  const changed = { ...first, answer: { errorCode: 'UNKNOWN_SERVER_ERROR' } }
  expect(unexplainedIn(recording, recording)).toEqual([])
  expect(unexplainedIn(recording, [changed, ...rest])).not.toEqual([])
  expect(unexplainedIn(recording, rest)).not.toEqual([])
  expect(unexplainedIn(rest, recording)).not.toEqual([])
})
