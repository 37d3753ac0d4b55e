import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeWithUs } from '../../harness/end-with-us.ts'
import { runLoad } from '../load-run.ts'
import { LOAD_WORKLOADS } from '../load-workload.ts'
import { packRequests } from '../packed-requests.ts'
import type { Broker } from '../target.ts'

const BYTES = 1_000_000_000
/** A record is its value of 1,000 bytes and what stands around it: so many are there for certain. */
export const FILLED_RECORDS = 950_000

/** 1 GB of 1 KB records in 16 KB batches, in the topic's one partition. */
export async function fillTopic({ port }: Broker, topic: string): Promise<void> {
  const workload = LOAD_WORKLOADS.find(({ name }) => name === 'produce 16 KB, 1 x 32')
  if (workload === undefined) throw new Error('no workload to fill a topic with')
  const directory = mkdtempSync(join(tmpdir(), 'odradek-fill-'))
  const remove = removeWithUs(directory)
  try {
    const { options, batch } = packRequests(workload, topic, directory)
    await runLoad('produce', { ...options, port, depth: 8, count: Math.ceil(BYTES / batch.bytes.length) })
  } finally {
    remove()
  }
}
