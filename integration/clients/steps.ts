/** What every client is put through, and the line that each prints for it, `STEP: RESULT`. */
export const STEPS = {
  'create topic': '3 partitions',
  none: '20 read back',
  gzip: '20 read back',
  snappy: '20 read back',
  lz4: '20 read back',
  zstd: '20 read back',
  headers: 'a=1 b=2',
  'null key': 'read back',
  'null value': 'read back',
  'large value': '900000 bytes',
  resume: '5 read',
  'group of three': '30 once each',
  'two after one left': '30 once each',
  'static member': 'back without a rebalance',
  'seek by time': 'offset 10',
  compacted: '40 read, 1 behind the gap',
  'transaction committed': '5 read',
  'transaction aborted': '0 read',
  'read uncommitted': '10 read',
  'transaction offsets': 'committed 7',
  'transaction fenced': 'refused',
  'admin partitions': '5',
  'admin config': '60000',
  'admin group': 'Empty',
  'admin delete records': 'begins at 5',
  'admin delete group': 'deleted',
  'admin delete topic': 'deleted',
  'error topic exists': '36',
  'error unknown topic': '3',
  'error invalid topic': '17',
  'error unknown group': '69',
  'error too large': '10',
  'error out of range': '1',
} as const

export type Step = keyof typeof STEPS

const isStep = (text: string): text is Step => text in STEPS

export const ALL_STEPS: readonly Step[] = Object.keys(STEPS).filter(isStep)

/** The columns of the report: what a user of a client asks about, with the steps that answer it. */
export const CAPABILITIES: Readonly<Record<string, readonly Step[]>> = {
  create: ['create topic'],
  none: ['none'],
  gzip: ['gzip'],
  snappy: ['snappy'],
  lz4: ['lz4'],
  zstd: ['zstd'],
  headers: ['headers'],
  nulls: ['null key', 'null value'],
  large: ['large value'],
  resume: ['resume'],
  group: ['group of three', 'two after one left'],
  static: ['static member'],
  time: ['seek by time'],
  compacted: ['compacted'],
  transactions: [
    'transaction committed',
    'transaction aborted',
    'read uncommitted',
    'transaction offsets',
    'transaction fenced',
  ],
  admin: [
    'admin partitions',
    'admin config',
    'admin group',
    'admin delete records',
    'admin delete group',
    'admin delete topic',
  ],
  errors: [
    'error topic exists',
    'error unknown topic',
    'error invalid topic',
    'error unknown group',
    'error too large',
    'error out of range',
  ],
}
