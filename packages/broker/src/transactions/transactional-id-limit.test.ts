import { ErrorCode } from '@odradek/protocol'
import { TransactionFixture } from '../transaction-fixture.ts'

test('odradek.max.transactional.ids: so many over all coordinators, and not one more', async () => {
  const fixture = new TransactionFixture()
  fixture.settings = { ...fixture.settings, transactionalIdsMax: 20 }
  await fixture.restart()
  const init = async (index: number) => (await fixture.init({ transactionalId: `id ${index}` })).errorCode
  for (let index = 0; index < 20; index++) expect(await init(index)).toBe(ErrorCode.NONE)
  for (let index = 20; index < 30; index++) expect(await init(index)).toBe(ErrorCode.POLICY_VIOLATION)
  expect(await init(3)).toBe(ErrorCode.NONE)
})
