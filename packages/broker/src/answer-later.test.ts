import { AnswerLater } from './answer-later.ts'

test('the answer is given in the call that it comes in, to the one who waits', () => {
  const later = new AnswerLater<number>()
  const given: number[] = []
  later.giveTo({ given: (response) => given.push(response) })
  expect(given).toEqual([])
  later.give(5)
  expect(given).toEqual([5])
})

test('as a promise', async () => {
  const later = new AnswerLater<string>()
  const promise = later.toPromise()
  later.give('answer')
  expect(await promise).toBe('answer')
})

test('an answer that nobody waits for is our bug, as is a second one who waits', () => {
  const later = new AnswerLater<number>()
  expect(() => later.give(5)).toThrow('somebody waits')
  later.giveTo({ given: () => {} })
  expect(() => later.giveTo({ given: () => {} })).toThrow('one waits')
})
