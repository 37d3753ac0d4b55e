import { compilePrincipalMapping } from './principal-mapping.ts'

const DN = 'CN=Alice Ames,OU=ServiceUsers,O=Unknown,C=DE'

// As org.apache.kafka.common.security.ssl.SslPrincipalMapper answers.
test.each([
  ['DEFAULT', DN, DN],
  ['', DN, DN],
  ['RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/', DN, 'Alice Ames'],
  ['RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/L', DN, 'alice ames'],
  ['RULE:^CN=(.*?),.*$/$1@here/U', DN, 'ALICE AMES@HERE'],
  ['RULE:^CN=(.*?),OU=Nobody.*$/$1/, RULE:^CN=([^,]*),OU=([^,]*).*$/$2.$1/L, DEFAULT', DN, 'serviceusers.alice ames'],
  ['RULE:^CN=(.*?),OU=Nobody.*$/$1/,DEFAULT', DN, DN],
  ['RULE:^CN=(.*?),OU=Nobody.*$/$1/', DN, null],
  ['RULE:CN=(.*?),.*/$1$2/', DN, 'Alice Ames$2'],
  ['RULE:CN=a\\/b,.*/slash/', 'CN=a/b,O=x', 'slash'],
])('%s of %s is %s', async (rules, name, expected) => {
  expect((await compilePrincipalMapping(rules))(name)).toBe(expected)
})

test.each(['RULE:', 'RULE:a/b', 'RULE:a/b/X', 'nothing', 'RULE:(/a/', 'RULE:(?=x)/a/', 'DEFAULT DEFAULT'])(
  '%p is no rule',
  async (rules) => {
    await expect(compilePrincipalMapping(rules)).rejects.toThrow('ssl.principal.mapping.rules')
  },
)

test('a pattern that would never end elsewhere ends here', async () => {
  const map = await compilePrincipalMapping('RULE:^(([a-z])+.)+[A-Z]([a-z])+$/$1/,DEFAULT')
  const name = 'a'.repeat(5000)
  expect(map(name)).toBe(name)
})
