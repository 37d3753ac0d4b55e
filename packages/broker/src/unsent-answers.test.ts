import { UnsentAnswers } from './unsent-answers.ts'

const asked: string[] = []
const unsent = new UnsentAnswers<string>(100, (keptBytesMax, latest) => asked.push(`${latest} ${keptBytesMax}`))

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
