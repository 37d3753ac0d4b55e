import { existsSync } from 'node:fs'
import { until } from '../harness/until.ts'
import { Brokers } from './brokers.ts'

test('a broker whose warm-up goes wrong is ended: it would keep the bench from ending', async () => {
  let pid = 0
  const warmUp = async (broker: { readonly pid: number }): Promise<void> => {
    pid = broker.pid
    throw new Error('no load')
  }
  const brokers = new Brokers({ odradek: warmUp, kafka: warmUp })
  try {
    await expect(brokers.get('odradek')).rejects.toThrow('no load')
    await until('it has ended', () => !existsSync(`/proc/${pid}/stat`))
  } finally {
    await brokers.end()
  }
  expect(pid).toBeGreaterThan(0)
  expect(existsSync(brokers.directory.path)).toBe(false)
})
