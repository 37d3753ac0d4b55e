import { ManualClock, silentLogger } from '@odradek/core'
import { LeaderRebalance } from './leader-rebalance.ts'

const MS_PER_SECOND = 1000

function start(settings: Readonly<Record<string, string>> = {}, rebalanceLeaders = jest.fn(async () => {})) {
  const clock = new ManualClock()
  const errors: string[] = []
  const logger = { ...silentLogger, error: (message: string) => errors.push(message) }
  const config = { text: (key: string) => settings[key] ?? null }
  const rebalance = new LeaderRebalance({ config, metadata: { rebalanceLeaders }, clock, logger })
  return { clock, rebalance, rebalanceLeaders, errors }
}

test('leaders are given back every five minutes, until the broker stops', async () => {
  const { clock, rebalance, rebalanceLeaders } = start()
  clock.advance(300 * MS_PER_SECOND - 1)
  expect(rebalanceLeaders).not.toHaveBeenCalled()
  clock.advance(1)
  clock.advance(300 * MS_PER_SECOND)
  expect(rebalanceLeaders).toHaveBeenCalledTimes(2)
  await rebalance.stop()
  clock.advance(600 * MS_PER_SECOND)
  expect(rebalanceLeaders).toHaveBeenCalledTimes(2)
})

test('or as often as Kafka’s key says, or never', () => {
  const often = start({ 'leader.imbalance.check.interval.seconds': '1' })
  often.clock.advance(3 * MS_PER_SECOND)
  expect(often.rebalanceLeaders.mock.calls.length).toBeGreaterThanOrEqual(1)
  const never = start({ 'auto.leader.rebalance.enable': 'false' })
  never.clock.advance(3600 * MS_PER_SECOND)
  expect(never.rebalanceLeaders).not.toHaveBeenCalled()
})

test('what fails is tried again the next time', async () => {
  const failing = jest.fn(async () => {
    throw new Error('the disk is gone')
  })
  const { clock, rebalance, errors } = start({}, failing)
  clock.advance(300 * MS_PER_SECOND)
  clock.advance(300 * MS_PER_SECOND)
  await rebalance.stop()
  expect(failing).toHaveBeenCalledTimes(2)
  expect(errors.length).toBeGreaterThan(0)
})
