import { ManualClock, nodeId } from '@odradek/core'
import { ConnectionAdmission, HELD_CONNECTIONS_MAX, WAITING_CONNECTIONS_MAX } from './connection-admission.ts'
import { ConnectionRates } from './quotas/connection-rates.ts'

const WINDOW = { samples: 2, sampleMs: 1000 }
const NONE = Number.POSITIVE_INFINITY
const NODE = nodeId(1)

/** A socket as far as admission looks at it. */
class FakeSocket {
  destroyed = false
  readonly remoteAddress = '10.0.0.1'
  on(): this {
    return this
  }
  destroy(): void {
    this.destroyed = true
  }
}

function start(broker: number, address = NONE) {
  const clock = new ManualClock()
  const limits = { broker: () => broker, listener: () => NONE, address: () => address }
  const rates = new ConnectionRates({ limits, window: WINDOW, clock })
  const admission = new ConnectionAdmission(clock, () => rates)
  const entered: FakeSocket[] = []
  const come = (count: number, listener = 'PLAINTEXT'): FakeSocket[] =>
    Array.from({ length: count }, () => {
      const socket = new FakeSocket()
      admission.admit({ socket, node: NODE, listener, enter: () => entered.push(socket) })
      return socket
    })
  return { clock, admission, entered, come }
}

test('without a limit everybody comes in at once', () => {
  const { come, entered } = start(NONE)
  come(5000)
  expect(entered).toHaveLength(5000)
})

test('past the rate connections wait, and come in one behind the other', () => {
  const { clock, come, entered } = start(2)
  const sockets = come(6)
  expect(entered).toHaveLength(2)
  clock.advance(500)
  expect(entered).toHaveLength(3)
  clock.advance(60_000)
  expect(entered).toEqual(sockets)
})

test('listeners wait for themselves; whoever has gone meanwhile is passed over', () => {
  const { clock, come, entered } = start(2)
  const [, , third, fourth] = come(4)
  fourth?.destroy()
  clock.advance(60_000)
  expect(entered).toHaveLength(3)
  expect(entered.at(-1)).toBe(third)
})

test('so many may wait, one more is closed; at the end all are', () => {
  const { admission, come, entered } = start(2)
  const waiting = come(WAITING_CONNECTIONS_MAX + 3)
  expect(waiting.some(({ destroyed }) => destroyed)).toBe(false)
  const [last] = come(1)
  expect(last?.destroyed).toBe(true)
  admission.close()
  expect(waiting.filter(({ destroyed }) => !destroyed)).toEqual(entered)
})

test('an address over its rate is not served, and closed after a while', () => {
  const { clock, come, entered } = start(NONE, 1)
  const [first, second] = come(2)
  expect(entered).toEqual([first])
  expect(second?.destroyed).toBe(false)
  clock.advance(1000)
  expect(second?.destroyed).toBe(true)
  expect(first?.destroyed).toBe(false)
})

test('so many are kept to be closed later, one more is closed at once', () => {
  const { admission, come } = start(NONE, 1)
  const held = come(HELD_CONNECTIONS_MAX + 1)
  expect(held.some(({ destroyed }) => destroyed)).toBe(false)
  expect(come(1)[0]?.destroyed).toBe(true)
  admission.close()
  expect(held.filter(({ destroyed }) => !destroyed)).toHaveLength(1)
})
