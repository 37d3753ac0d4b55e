import { AlterUserScramCredentials, ErrorCode } from '@odradek/protocol'
import { MetadataFixture } from '../metadata/metadata-fixture.ts'
import { SCRAM_CHANGES_MAX } from '../security/security-limits.ts'

const SCRAM_SHA_256 = 1

const upsertions = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `user-${index}`,
    mechanism: SCRAM_SHA_256,
    iterations: 4096,
    salt: Buffer.from('salt'),
    saltedPassword: Buffer.alloc(32, 1),
  }))

test('SCRAM_CHANGES_MAX: so many changes in one request, with one more none is made', async () => {
  const fixture = await MetadataFixture.start()
  const send = async (count: number) => {
    const request = { deletions: [], upsertions: upsertions(count) }
    return (await fixture.send(AlterUserScramCredentials, 0, request)).results.map(({ errorCode }) => errorCode)
  }
  expect(new Set(await send(SCRAM_CHANGES_MAX + 1))).toEqual(new Set([ErrorCode.POLICY_VIOLATION]))
  expect(fixture.metadata.scramCredentials.usersCount).toBe(0)
  expect(new Set(await send(SCRAM_CHANGES_MAX))).toEqual(new Set([ErrorCode.NONE]))
  expect(fixture.metadata.scramCredentials.usersCount).toBe(SCRAM_CHANGES_MAX)
})
