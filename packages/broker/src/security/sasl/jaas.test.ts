import { parseJaas, plainUsersOf } from './jaas.ts'

const MODULE = 'org.apache.kafka.common.security.plain.PlainLoginModule'

test('users stand behind user_, with quotes, spaces and line ends', () => {
  const text = `${MODULE} required\n  username="admin" password=pw user_alice="a \\"b\\" = ; c" user_bob = bob;`
  const entry = parseJaas(text)
  expect(entry?.module).toBe(MODULE)
  expect(Object.fromEntries(plainUsersOf(entry ?? { module: '', options: new Map() }))).toEqual({
    alice: 'a "b" = ; c',
    bob: 'bob',
  })
})

test.each([
  '',
  MODULE,
  `${MODULE} required`,
  `${MODULE} needed;`,
  `${MODULE} required a;`,
  `${MODULE} required a=;`,
  `${MODULE} required a="b;`,
])('%p is no entry', (text) => {
  expect(parseJaas(text)).toBeNull()
})
