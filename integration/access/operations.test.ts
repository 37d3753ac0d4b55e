import { operationHolders } from './operation-holders.ts'
import { askOperations } from './operations.ts'
import { OPERATIONS_FILE, readRecorded } from './recorded.ts'
import { withUsersBroker } from './users-broker.ts'

const ANSWERS_MS_MAX = 120_000

test(
  'who asks for its authorized operations hears the bits that Kafka told it',
  async () => {
    const holders = operationHolders()
    const users = holders.map(({ user }) => user)
    expect(await withUsersBroker(users, (port) => askOperations(port, holders))).toEqual(readRecorded(OPERATIONS_FILE))
  },
  ANSWERS_MS_MAX,
)
