import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeededPrng } from '@odradek/core'
import { BrokerProcess } from '../harness/broker-process.ts'
import { WireClient } from '../harness/wire-client.ts'
import { createdTopic } from './broker-calls.ts'
import { type CyclesOutcome, outcomeOf, portOf } from './cycles-under-load.ts'
import { Load } from './load.ts'
import { Mount, makeImage } from './mount.ts'

const TOPIC = 'cut'
const PARTITIONS = 8
const IMAGE_MEGABYTES = 64
const LOAD_BYTES_MAX = 24 * 1024 * 1024
const PROGRESS_MIN = 20
const PROGRESS_RANGE = 200
/** Longer than any run: the file system's own timer must not save what the broker has not flushed. */
const COMMIT_SECONDS = 300
/** For answers that had left the broker when it was stopped to arrive here. */
const ARRIVAL_MS = 50

/**
 * A power cut: the image of a mounted file system is copied while the broker on it stands still, so the copy has what had
 * reached the device and nothing that was in the system's memory. A broker that starts on the copy is asked for everything.
 */
export async function powerCut(seed: number, flush: 'device' | 'os'): Promise<CyclesOutcome> {
  const prng = new SeededPrng(seed)
  const directory = mkdtempSync(join(tmpdir(), 'odradek-cut-'))
  const image = join(directory, 'image')
  const cut = join(directory, 'cut')
  try {
    makeImage(image, IMAGE_MEGABYTES)
    const mount = await Mount.open('-o', `loop,commit=${COMMIT_SECONDS}`, image)
    try {
      const load = await loadUntilCut(mount.path, flush, prng, () =>
        execFileSync('cp', ['--sparse=always', image, cut]),
      )
      await readAfterCut(cut, load)
      return outcomeOf(load)
    } finally {
      await mount.close()
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

async function loadUntilCut(
  path: string,
  flush: 'device' | 'os',
  prng: SeededPrng,
  copyDevice: () => void,
): Promise<Load> {
  const broker = await BrokerProcess.start({ dataDirectory: join(path, 'data'), flags: ['--flush', flush] })
  try {
    const port = portOf(broker)
    const client = await WireClient.open(port)
    await createdTopic(client, TOPIC, PARTITIONS)
    client.close()
    // The topic is not what is at stake.
    execFileSync('sync', ['-f', path])
    const load = new Load({ port, topic: TOPIC, partitions: PARTITIONS, prng, bytesMax: LOAD_BYTES_MAX })
    await load.progress(PROGRESS_MIN + prng.below(PROGRESS_RANGE))
    process.kill(broker.pid, 'SIGSTOP')
    await new Promise((resume) => setTimeout(resume, ARRIVAL_MS))
    copyDevice()
    const stopped = load.stop()
    await broker.kill()
    await stopped
    return load
  } finally {
    await broker.dispose()
  }
}

async function readAfterCut(cut: string, load: Load): Promise<void> {
  const mount = await Mount.open('-o', 'loop', cut)
  try {
    const broker = await BrokerProcess.start({ dataDirectory: join(mount.path, 'data') })
    try {
      await load.readFinal(portOf(broker))
    } finally {
      await broker.dispose()
    }
  } finally {
    await mount.close()
  }
}
