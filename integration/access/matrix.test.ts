import { handlers } from '@odradek/broker'
import { accessCases, playMatrix } from './matrix.ts'
import { accessRows } from './rows.ts'
import { withUsersBroker } from './users-broker.ts'

const MATRIX_MS_MAX = 120_000

const served = new Set(handlers.map(({ api }) => api.key))

test('every API that is served has its row', () => {
  const rowed = new Set(accessRows.map(({ apiKey }) => apiKey))
  expect(handlers.filter(({ api }) => !rowed.has(api.key)).map(({ api }) => api.name)).toEqual([])
})

test(
  'nobody is served without the rights, everybody with them, and nobody to whom they are denied',
  async () => {
    const cases = accessCases(accessRows.filter(({ apiKey }) => served.has(apiKey)))
    const users = cases.map(({ user }) => user)
    expect(await withUsersBroker(users, (port) => playMatrix(port, cases))).toEqual([])
  },
  MATRIX_MS_MAX,
)
