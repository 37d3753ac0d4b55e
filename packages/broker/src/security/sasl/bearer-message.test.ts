import { parseBearerMessage } from './bearer-message.ts'

const A = '\u0001'
const parse = (text: string) => parseBearerMessage(Buffer.from(text))

test('the message of RFC 7628, with and without a name to act as', () => {
  expect(parse(`n,,${A}auth=Bearer a.b.c${A}${A}`)).toEqual({ authorizationId: '', token: 'a.b.c' })
  expect(parse(`n,a=al=2Cice=3D,${A}host=x${A}auth=bearer  a.b.c${A}traceId=1${A}${A}`)).toEqual({
    authorizationId: 'al,ice=',
    token: 'a.b.c',
  })
})

test.each([
  '',
  'n,,',
  `n,,${A}${A}`,
  `n,,${A}auth=Bearer a.b.c`,
  `n,,${A}auth=Bearer a.b.c${A}`,
  `y,,${A}auth=Bearer a.b.c${A}${A}`,
  `n,alice,${A}auth=Bearer a.b.c${A}${A}`,
  `n,,${A}auth=Basic a.b.c${A}${A}`,
  `n,,${A}auth=Bearer ${A}${A}`,
  `n,,${A}auth=Bearer a b${A}${A}`,
  `n,,${A}auth=Bearer a${A}auth=Bearer b${A}${A}`,
  `n,,${A}auth=Bearer a.b.c${A}${A}more`,
])('what is not in that form is refused: %j', (text) => {
  expect(parse(text)).toBeNull()
})
