import { imageFault } from './mount.ts'
import { testUnless } from './optional-test.ts'
import { powerCut } from './power-cut.ts'
import { SEED } from './seed.ts'

testUnless(
  imageFault(),
  `a power cut takes what --flush os has acknowledged, and nothing of --flush device (SEED=${SEED})`,
  async () => {
    // Without this the other half would prove nothing.
    const kinds = new Set((await powerCut(SEED, 'os')).faults.map(({ kind }) => kind))
    expect(kinds).toContain('lost')
    // A clean prefix is left.
    for (const kind of kinds) expect(['lost', 'read-then-gone', 'commit-moved-back']).toContain(kind)

    const { faults, acknowledgedBatches } = await powerCut(SEED, 'device')
    expect(faults).toEqual([])
    expect(acknowledgedBatches).toBeGreaterThan(0)
  },
  60_000,
)
