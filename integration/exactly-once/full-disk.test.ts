import { Mount, tmpfsFault } from '../durability/mount.ts'
import { testUnless } from '../durability/optional-test.ts'
import { SEED } from '../durability/seed.ts'
import { transactionsUnderFaults } from './transactions-under-faults.ts'

const SECONDS = 10

testUnless(
  tmpfsFault(),
  `transactions on a disk that is full now and then, in the middle of them (SEED=${SEED})`,
  async () => {
    const mount = await Mount.open('-t', 'tmpfs', '-o', 'size=96m', 'none')
    try {
      const options = { seed: SEED, seconds: SECONDS, against: 'odradek', smallDisk: mount.path } as const
      const { faults, disturbances, committed } = await transactionsUnderFaults(options)
      expect(faults).toEqual([])
      expect(disturbances['fill-disk']).toBeGreaterThan(0)
      expect(committed).toBeGreaterThan(0)
    } finally {
      await mount.close()
    }
  },
  120_000,
)
