import { ManualClock } from '@odradek/core'
import { Complaints } from './complaints.ts'
import { COMPLAINTS_PER_SECOND_MAX, LOGGED_TEXT_CHARS_MAX } from './limits.ts'

const peer = { host: '10.0.0.7', port: 5 }

function setup() {
  const clock = new ManualClock()
  const lines: string[] = []
  const warn = (message: string, fields: object = {}) => lines.push(`${message}: ${Object.values(fields).join(' ')}`)
  const complaints = new Complaints(clock, { debug() {}, info() {}, warn, error() {} })
  return { clock, lines, complaints }
}

test('peer, listener and reason are named', () => {
  const { lines, complaints } = setup()
  complaints.add(peer, 'INTERNAL', 'it speaks HTTP')
  expect(lines).toEqual(['connection closed: 10.0.0.7:5 INTERNAL it speaks HTTP'])
})

test('a flood is cut at the limit and counted', () => {
  const { clock, lines, complaints } = setup()
  for (let count = 0; count < COMPLAINTS_PER_SECOND_MAX + 3; count++) complaints.add(peer, 'A', 'x')
  expect(lines).toHaveLength(COMPLAINTS_PER_SECOND_MAX)
  clock.advance(1000)
  complaints.add(peer, 'A', 'y')
  expect(lines.slice(-2)).toEqual(['more connections were closed: 3', 'connection closed: 10.0.0.7:5 A y'])
})

test('what a peer makes us say has an end', () => {
  const { lines, complaints } = setup()
  complaints.add(peer, 'A', 'x'.repeat(LOGGED_TEXT_CHARS_MAX + 1))
  expect(lines[0]?.endsWith(` ${'x'.repeat(LOGGED_TEXT_CHARS_MAX)}`)).toBe(true)
})
