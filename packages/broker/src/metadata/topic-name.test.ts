import { collisionKey, topicNameProblem } from './topic-name.ts'

test.each(['a', 'A.b_c-9', '...', '-', '__consumer_offsets', 'n'.repeat(249)])('%s can be a topic’s name', (name) => {
  expect(topicNameProblem(name)).toBeNull()
})

test.each(['', '.', '..', 'n'.repeat(250), 'a b', 'a/b', 'a\u0000', 'ä', 'a:b', '💥'])('%j cannot', (name) => {
  expect(topicNameProblem(name)).toMatch(/^Topic name is invalid: /)
})

test('names that differ by dots and underscores alone collide', () => {
  expect(collisionKey('a.b_c')).toBe(collisionKey('a_b.c'))
  expect(collisionKey('a.b')).not.toBe(collisionKey('a-b'))
})
