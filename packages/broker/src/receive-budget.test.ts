import { type BudgetMember, ReceiveBudget } from './receive-budget.ts'

class Member implements BudgetMember {
  paused = false
  budgetPaused(paused: boolean): void {
    this.paused = paused
  }
}

const LIMIT_BYTES = 1000

test('queued.max.request.bytes: at the limit everybody goes on, one byte past it only one', () => {
  const budget = new ReceiveBudget(LIMIT_BYTES)
  const members = [new Member(), new Member(), new Member()]
  for (const member of members) budget.frameBegun(member)
  budget.hold(LIMIT_BYTES)
  expect(members.map(({ paused }) => paused)).toEqual([false, false, false])
  budget.hold(1)
  expect(members.map(({ paused }) => paused)).toEqual([false, true, true])
})

test('all go on well below the limit, not right at it', () => {
  const budget = new ReceiveBudget(LIMIT_BYTES)
  const members = [new Member(), new Member()]
  for (const member of members) budget.frameBegun(member)
  budget.hold(LIMIT_BYTES + 1)
  budget.release(100)
  expect(members.map(({ paused }) => paused)).toEqual([false, true])
  budget.release(200)
  expect(members.map(({ paused }) => paused)).toEqual([false, false])
})

test('who is allowed to finish passes that on when the frame is whole and memory was given back', () => {
  const budget = new ReceiveBudget(LIMIT_BYTES)
  const [first, second, late] = [new Member(), new Member(), new Member()]
  budget.frameBegun(first)
  budget.frameBegun(second)
  budget.hold(LIMIT_BYTES + 1)
  budget.frameBegun(late)
  expect([first.paused, second.paused, late.paused]).toEqual([false, true, true])
  budget.frameEnded(first)
  expect([first.paused, second.paused, late.paused]).toEqual([false, true, true])
  budget.release(1)
  expect([first.paused, second.paused, late.paused]).toEqual([false, false, true])
})

test('one who sends nothing loses the right to finish', () => {
  const budget = new ReceiveBudget(LIMIT_BYTES)
  const [silent, honest] = [new Member(), new Member()]
  budget.frameBegun(silent)
  budget.frameBegun(honest)
  budget.hold(LIMIT_BYTES + 1)
  budget.rotate()
  expect([silent.paused, honest.paused]).toEqual([true, false])
  budget.rotate()
  expect([silent.paused, honest.paused]).toEqual([false, true])
})

test.each([
  ['something is given back', (budget: ReceiveBudget) => budget.release(1)],
  ['a second has passed', (budget: ReceiveBudget) => budget.rotate()],
])('the first frame begun past the limit may finish when %s', (_, happens) => {
  const budget = new ReceiveBudget(LIMIT_BYTES)
  budget.hold(LIMIT_BYTES + 2)
  const only = new Member()
  budget.frameBegun(only)
  expect(only.paused).toBe(true)
  happens(budget)
  expect(only.paused).toBe(false)
})
