import { handlers } from '@odradek/broker'
import { accessCases, playMatrix } from './matrix.ts'
import { CODES_FILE, readRecorded } from './recorded.ts'
import { accessRows } from './rows.ts'
import { withUsersBroker } from './users-broker.ts'

const MATRIX_MS_MAX = 120_000

const served = new Set(handlers.map(({ api }) => api.key))

test('every API that is served has its row', () => {
  const rowed = new Set(accessRows.map(({ apiKey }) => apiKey))
  expect(handlers.filter(({ api }) => !rowed.has(api.key)).map(({ api }) => api.name)).toEqual([])
})

test(
  'nobody is served without the rights, everybody with them, nobody to whom they are denied, and all hear the errors of Kafka',
  async () => {
    const rows = accessRows.filter(({ apiKey }) => served.has(apiKey))
    const cases = accessCases(rows)
    const users = cases.map(({ user }) => user)
    const names = new Set(rows.map(({ name }) => name))
    const recorded = Object.entries(readRecorded(CODES_FILE)).filter(([name]) => names.has(name))
    expect(await withUsersBroker(users, (port) => playMatrix(port, cases))).toEqual({
      findings: [],
      codes: Object.fromEntries(recorded),
    })
  },
  MATRIX_MS_MAX,
)
