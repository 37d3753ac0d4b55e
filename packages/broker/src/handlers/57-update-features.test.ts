import { ApiVersions, ErrorCode, UpdateFeatures } from '@odradek/protocol'
import { MetadataFixture } from '../metadata/metadata-fixture.ts'

const UPGRADE = 1
const SAFE = 2
const UNSAFE = 3

type Update = readonly [feature: string, level: number, type: number]

async function update(fixture: MetadataFixture, version: number, updates: readonly Update[], validateOnly = false) {
  const featureUpdates = updates.map(([feature, maxVersionLevel, upgradeType]) => ({
    feature,
    maxVersionLevel,
    ...(version === 0 ? { allowDowngrade: upgradeType !== UPGRADE } : { upgradeType }),
  }))
  return fixture.send(UpdateFeatures, version, { featureUpdates, ...(version === 0 ? {} : { validateOnly }) })
}

const level = (fixture: MetadataFixture) => fixture.metadata.cluster.features().levels.get('transaction.version')

describe.each([0, 1, 2])('v%i', (version) => {
  test.each<[string, Update, string]>([
    ['too high', ['transaction.version', 9, UPGRADE], 'Local controller 1 only supports versions 0-2'],
    ['too low', ['metadata.version', 7, SAFE], 'Local controller 1 only supports versions 33-33'],
    ['negative', ['transaction.version', -1, SAFE], 'A feature version cannot be less than 0.'],
    ['unknown', ['foo', 1, UPGRADE], 'Local controller 1 does not support this feature.'],
    ['unknown, level 0', ['foo', 0, UPGRADE], 'Feature foo not found.'],
    ['empty', ['', 1, UPGRADE], 'Local controller 1 does not support this feature.'],
    ['lower as an upgrade', ['transaction.version', 1, UPGRADE], "Can't downgrade the version of this feature"],
  ])('%s fails all, and nothing is changed', async (_, bad, why) => {
    const fixture = await MetadataFixture.start()
    const response = await update(fixture, version, [['transaction.version', 2, UPGRADE], bad])
    expect(response).toMatchObject({ errorCode: ErrorCode.INVALID_UPDATE_VERSION, results: [] })
    expect(response.errorMessage).toContain(
      `The update failed for all features since the following feature had an error: Invalid update version ${bad[1]} for feature ${bad[0]}. ${why}`,
    )
    expect(level(fixture)).toBe(2)
  })

  test('the same level, several rows, none at all', async () => {
    const fixture = await MetadataFixture.start()
    const same: Update = ['transaction.version', 2, UPGRADE]
    const twice = await update(fixture, version, [same, same])
    expect([twice.errorCode, twice.results.length]).toEqual([ErrorCode.NONE, version === 2 ? 0 : 2])
    expect(await update(fixture, version, [])).toMatchObject({ errorCode: ErrorCode.NONE, results: [] })
  })

  test('of two levels for one feature the last counts', async () => {
    const fixture = await MetadataFixture.start({ features: { 'transaction.version': 0 } })
    const rows: Update[] = [1, 2].map((to) => ['transaction.version', to, UPGRADE])
    const both = await update(fixture, version, rows)
    expect([both.errorCode, level(fixture)]).toEqual([ErrorCode.NONE, 2])
    // Neither does it count that the first could not be made.
    const again = await update(fixture, version, [
      ['transaction.version', 9, UPGRADE],
      ['transaction.version', 2, UPGRADE],
    ])
    expect([again.errorCode, level(fixture)]).toEqual([ErrorCode.NONE, 2])
  })

  test('needs ALTER of the cluster', async () => {
    const fixture = await MetadataFixture.start()
    const authorizer = { authorize: () => false }
    const denied = await fixture.send(UpdateFeatures, version, { featureUpdates: [] }, { authorizer })
    expect(denied.errorCode).toBe(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
  })
})

describe.each([1, 2])('v%i', (version) => {
  test('a level is lowered where that is said to be safe, raised again, and shown by ApiVersions', async () => {
    const fixture = await MetadataFixture.start()
    const done = { errorCode: ErrorCode.NONE, errorMessage: null }
    const row = { feature: 'transaction.version', errorCode: ErrorCode.NONE, errorMessage: 'NONE' }
    const results = version === 2 ? [] : [row]
    expect(await update(fixture, version, [['transaction.version', 1, SAFE]])).toMatchObject({ ...done, results })
    expect(level(fixture)).toBe(1)
    const software = { clientSoftwareName: 'a', clientSoftwareVersion: '1' }
    const { finalizedFeatures, finalizedFeaturesEpoch } = await fixture.send(ApiVersions, 4, software)
    expect(finalizedFeatures).toContainEqual({ name: row.feature, minVersionLevel: 1, maxVersionLevel: 1 })
    expect(finalizedFeaturesEpoch).toBe(fixture.metadata.cluster.features().epoch)
    await update(fixture, version, [['transaction.version', 0, SAFE]])
    expect(level(fixture)).toBeUndefined()
    await fixture.restart(1)
    expect(level(fixture)).toBeUndefined()
    await update(fixture, version, [['transaction.version', 2, UPGRADE]])
    expect(level(fixture)).toBe(2)
  })

  test.each([0, 4, -1])('upgrade type %i is none, even for the same level', async (type) => {
    const fixture = await MetadataFixture.start()
    const response = await update(fixture, version, [['transaction.version', 2, type]])
    expect(response.errorCode).toBe(ErrorCode.INVALID_UPDATE_VERSION)
    expect(response.errorMessage).toContain('The controller does not support the given upgrade type.')
  })

  test('a rehearsal changes nothing', async () => {
    const fixture = await MetadataFixture.start()
    expect((await update(fixture, version, [['transaction.version', 0, UNSAFE]], true)).errorCode).toBe(0)
    expect((await update(fixture, version, [['foo', 0, UNSAFE]], true)).errorCode).toBe(95)
    expect(level(fixture)).toBe(2)
  })

  test('a downgrade cannot go up', async () => {
    const fixture = await MetadataFixture.start()
    await update(fixture, version, [['transaction.version', 0, UNSAFE]])
    for (const type of [SAFE, UNSAFE]) {
      const response = await update(fixture, version, [['transaction.version', 1, type]])
      expect(response.errorMessage).toContain("Can't downgrade to a newer version.")
    }
  })
})

test('the first version cannot lower a level, whatever it says', async () => {
  const fixture = await MetadataFixture.start()
  const response = await update(fixture, 0, [['transaction.version', 1, SAFE]])
  expect(response.errorCode).toBe(ErrorCode.INVALID_UPDATE_VERSION)
  expect(response.errorMessage).toContain("Can't downgrade the version of this feature without")
})
