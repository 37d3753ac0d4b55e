import { UnsentAnswers } from './unsent-answers.ts'

const asked: string[] = []
const sent: number[] = []
const unsent = new UnsentAnswers<string>(
  100,
  () => unsent.left(sent.shift() ?? 0),
  (keptBytesMax, latest) => asked.push(`${latest} ${keptBytesMax}`),
)

test('up to twice the bound nobody has to go; one byte more, and room is made for some more answers', () => {
  unsent.added(150, 'a')
  unsent.added(50, 'b')
  expect(asked).toEqual([])
  unsent.added(1, 'c')
  expect(asked).toEqual(['c 175'])
  unsent.left(26)
  unsent.added(25, 'd')
  expect(asked).toHaveLength(1)
  unsent.added(1, 'a')
  expect(asked).toEqual(['c 175', 'a 175'])
})

test('nobody has to go for what has left meanwhile, but for one byte past it', () => {
  asked.length = 0
  sent.push(10, 9)
  unsent.added(9, 'b')
  expect([asked, sent]).toEqual([[], [9]])
  unsent.added(10, 'c')
  expect([asked, sent]).toEqual([['c 175'], []])
})
