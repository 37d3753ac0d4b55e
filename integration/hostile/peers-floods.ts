import { connect, type Socket } from 'node:net'
import { until } from '../harness/until.ts'
import { type Flood, HELD_MS_MAX, loopFigures, measured, megabytes, ms } from './flood.ts'
import { RawPeer } from './raw-peer.ts'

/** ApiVersions 0, the smallest request, with its size. */
export const SMALLEST_REQUEST = Buffer.from('0000000a00120000000000010000', 'hex')

/** No more at a time than the kernel lets wait for accept. */
const OPENED_AT_ONCE = 200

/** `count` connections, whatever becomes of them. */
async function openMany(port: number, count: number, first: Uint8Array | null): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(OPENED_AT_ONCE, count - sockets.length) }, () =>
      connect(port, '127.0.0.1'),
    )
    await Promise.all(
      some.map(
        (socket) =>
          new Promise<void>((opened) => {
            socket.on('error', () => opened()).once('connect', () => opened())
          }),
      ),
    )
    for (const socket of some) if (first !== null) socket.write(first)
    sockets.push(...some)
  }
  return sockets
}

const ended = (sockets: readonly Socket[]): number => sockets.filter(({ closed }) => closed).length

/** Their ends are seen although nothing is read. */
function watchEnds(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.resume()
}

const ANNOUNCED_BYTES_MAX = 100_000_000
/** So long after the deadline they have to be gone; it is looked at once a second. */
const LATE_MS_MAX = 5000
const FRAME_TIMEOUT_MS = 30_000

export const announceFlood: Flood = {
  name: 'announce',
  row: '19',
  async run(ground, tell) {
    const announcement = Buffer.from('05f5e10000', 'hex')
    let sockets: Socket[] = []
    const { before, watched, waits } = await measured(ground, async () => {
      sockets = await openMany(ground.broker.port, 1990, announcement)
      watchEnds(sockets)
    })
    const grown = watched.peakBytes - before.rssBytes
    tell({
      what: '1,990 connections that each announce 100 MB and send one byte',
      figure: `memory grew by ${megabytes(grown)} at the most (bound ${megabytes(ANNOUNCED_BYTES_MAX)}); ${loopFigures(watched, waits)}`,
      isWithin: grown <= ANNOUNCED_BYTES_MAX && watched.heldMs <= HELD_MS_MAX && !waits.isLost,
    })
    const startedMs = performance.now()
    const bound = FRAME_TIMEOUT_MS + LATE_MS_MAX
    await until('all are closed', () => ended(sockets) === sockets.length, 2 * bound).catch(() => {})
    const elapsedMs = performance.now() - startedMs
    tell({
      what: 'the same, closed at odradek.frame.timeout.ms',
      figure: `${ended(sockets)} of ${sockets.length} after ${ms(elapsedMs)} (bound ${ms(bound)})`,
      isWithin: ended(sockets) === sockets.length && elapsedMs <= bound,
    })
  },
}

const HELLOS: readonly (readonly [string, Buffer])[] = [
  ['a size of -1', Buffer.from('ffffffff', 'hex')],
  ['a size of 0', Buffer.from('00000000', 'hex')],
  ['a size of 2^31-1', Buffer.from('7fffffff', 'hex')],
  ['one byte more than 100 MiB', Buffer.from('06400001', 'hex')],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['TLS', Buffer.from('160301020001000201', 'hex')],
]
const CLOSED_WITHIN_MS = 3000

export const helloFlood: Flood = {
  name: 'hellos',
  row: '20',
  async run(ground, tell) {
    for (const [what, bytes] of HELLOS) {
      let isClosed = false
      const { watched, waits, elapsedMs } = await measured(ground, async () => {
        const peer = await RawPeer.open(ground.broker.port)
        peer.socket.write(bytes)
        await until('it is closed', () => peer.isClosed, 2 * CLOSED_WITHIN_MS).catch(() => {})
        isClosed = peer.isClosed
      })
      tell({
        what,
        figure: `${isClosed ? 'closed' : 'open'} after ${ms(elapsedMs)} (bound ${ms(CLOSED_WITHIN_MS)}); ${loopFigures(watched, waits)}`,
        isWithin: isClosed && elapsedMs <= CLOSED_WITHIN_MS && watched.heldMs <= HELD_MS_MAX,
      })
    }
  },
}

const STORM = 20_000
const IDLE_MS = 5000

export const connectionFlood: Flood = {
  name: 'connections',
  row: '25',
  settings: { 'connections.max.idle.ms': String(IDLE_MS) },
  async run(ground, tell) {
    const { port } = ground.broker
    const storm = await measured(ground, async () => {
      for (let opened = 0; opened < STORM; opened += OPENED_AT_ONCE) {
        for (const socket of await openMany(port, OPENED_AT_ONCE, SMALLEST_REQUEST)) socket.destroy()
      }
    })
    tell({
      what: `${STORM} connections that come and go`,
      figure: `${(STORM / (storm.elapsedMs / 1000)).toFixed(0)} a second; ${loopFigures(storm.watched, storm.waits)}`,
      isWithin: storm.watched.heldMs <= HELD_MS_MAX && !storm.waits.isLost,
    })
    let sockets: Socket[] = []
    const idle = await measured(ground, async () => {
      sockets = await openMany(port, 5000, null)
      watchEnds(sockets)
      await until('all are reaped', () => ended(sockets) === sockets.length, 12 * IDLE_MS).catch(() => {})
    })
    tell({
      what: '5,000 connections that say nothing (2,000 of one address may be open)',
      figure: `${ended(sockets)} reaped after ${ms(idle.elapsedMs)} with connections.max.idle.ms=${IDLE_MS}; ${loopFigures(idle.watched, idle.waits)}`,
      isWithin: ended(sockets) === sockets.length && idle.watched.heldMs <= HELD_MS_MAX && !idle.waits.isLost,
    })
  },
}

const PIPELINED = 100_000
const PIPELINE_BYTES_MAX = 64_000_000

export const pipelineFlood: Flood = {
  name: 'pipeline',
  row: '24',
  async run(ground, tell) {
    const peer = await RawPeer.open(ground.broker.port)
    const frames = Buffer.concat(Array.from({ length: PIPELINED }, (_, index) => numbered(index)))
    const { before, watched, waits, elapsedMs } = await measured(ground, async () => {
      peer.socket.write(frames)
      await peer.answersOrEnd(PIPELINED)
    })
    const grown = watched.peakBytes - before.rssBytes
    const isInOrder = peer.lastAnswer.readInt32BE(0) === PIPELINED - 1
    tell({
      what: `${PIPELINED} requests on one connection in one write`,
      figure: `${peer.answered} answers in ${ms(elapsedMs)}, memory grew by ${megabytes(grown)}; ${loopFigures(watched, waits)}`,
      isWithin:
        peer.answered === PIPELINED && isInOrder && grown <= PIPELINE_BYTES_MAX && watched.heldMs <= HELD_MS_MAX,
    })
    peer.close()
  },
}

/** The smallest request, with a number of its own. */
function numbered(correlationId: number): Buffer {
  const frame = Buffer.from(SMALLEST_REQUEST)
  frame.writeInt32BE(correlationId, 8)
  return frame
}
