/** Of this run: SEED=… runs it again, as far as processes and disks allow. */
export const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
