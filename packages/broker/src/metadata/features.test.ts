import { resolveFeatures } from './features.ts'

test('levels that work are taken as they are named', () => {
  expect(resolveFeatures([])).toEqual({ levels: new Map(), problems: [] })
  const named = resolveFeatures([' metadata.version=33', 'transaction.version=0', 'kraft.version=0'])
  expect(named).toEqual({
    levels: new Map([
      ['metadata.version', 33],
      ['transaction.version', 0],
      ['kraft.version', 0],
    ]),
    problems: [],
  })
})

test.each([
  ['metadata.version=32', 'levels 33 to 33 work here'],
  ['metadata.version=34', 'levels 33 to 33 work here'],
  ['transaction.version=3', 'levels 0 to 2 work here'],
  ['group.version=1', 'it does not work here, so only level 0 can be set'],
  ['kraft.version=1', 'it does not work here, so only level 0 can be set'],
  ['nosuch.version=1', 'there is no such feature; known are eligible.leader.replicas.version, group.version'],
  ['metadata.version', 'give NAME=LEVEL'],
  ['metadata.version=', 'give NAME=LEVEL'],
  ['metadata.version=-1', 'give NAME=LEVEL'],
  ['=1', 'give NAME=LEVEL'],
])('%s is refused', (text, message) => {
  const { problems } = resolveFeatures([text])
  expect(problems).toEqual([expect.stringContaining(message)])
  expect(problems[0]).toContain(`feature ${text.split('=')[0]}`)
})
