'use strict'
// Loaded into a broker process by --require: says how long its event loop was held, what memory it has, and what went wrong.
const { readFileSync } = require('node:fs')
const { createServer } = require('node:net')
const { setTimeout: wait } = require('node:timers/promises')
const { setFlagsFromString } = require('node:v8')
const { runInNewContext } = require('node:vm')

const INTERVAL_MS = 5
/** Other threads give back what a garbage collection has freed: it is over when nothing came back for so long. */
const GIVING_BACK_MS = 200
const GIVING_BACK_MS_MAX = 3000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

let rejections = 0
let seenMs = performance.now()
let { workedMs: seenCpuMs, queuedMs: seenQueuedMs } = schedule()
/** Of each look. */
let queued = []
let stallMs = 0
let heldMs = 0
let peakBytes = 0

/**
 * CPU time of the thread that the event loop is on, and how long it could have been at work and others were; of the process,
 * and nothing, where the system does not tell.
 */
function schedule() {
  try {
    const [worked, waited] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
    return { workedMs: Number(worked) / 1e6, queuedMs: Number(waited) / 1e6 }
  } catch {
    const { user, system } = process.cpuUsage()
    return { workedMs: (user + system) / 1000, queuedMs: 0 }
  }
}

/**
 * `stall` is how late the timer was, `held` how much of that the loop's own thread was at work: on a busy machine the
 * rest is other processes' time.
 */
function look() {
  const nowMs = performance.now()
  const { workedMs: nowCpuMs, queuedMs: nowQueuedMs } = schedule()
  queued.push(nowQueuedMs - seenQueuedMs)
  seenQueuedMs = nowQueuedMs
  const late = nowMs - seenMs - INTERVAL_MS
  stallMs = Math.max(stallMs, late)
  heldMs = Math.max(heldMs, Math.min(late, nowCpuMs - seenCpuMs))
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
  seenMs = nowMs
  seenCpuMs = nowCpuMs
}

process.on('unhandledRejection', (reason) => {
  rejections += 1
  process.stderr.write(`unhandled rejection: ${reason instanceof Error ? reason.stack : String(reason)}\n`)
})

setInterval(look, INTERVAL_MS).unref()

/** What the process has when all that is garbage has gone back to the system. */
async function collected() {
  collectGarbage()
  let leastBytes = process.memoryUsage.rss()
  const startedMs = performance.now()
  let fellMs = startedMs
  for (let nowMs = startedMs; nowMs - fellMs < GIVING_BACK_MS && nowMs - startedMs < GIVING_BACK_MS_MAX; ) {
    await wait(INTERVAL_MS)
    nowMs = performance.now()
    const bytes = process.memoryUsage.rss()
    if (bytes < leastBytes) fellMs = nowMs
    leastBytes = Math.min(leastBytes, bytes)
  }
  return process.memoryUsage()
}

async function answer(question) {
  look()
  queued.sort((a, b) => a - b)
  const queuedP99Ms = queued[Math.floor(queued.length * 0.99)] ?? 0
  const seen = { stallMs, heldMs, queuedP99Ms, rejections, peakBytes }
  const memory = question.startsWith('quick') ? process.memoryUsage() : await collected()
  seenMs = performance.now()
  ;({ workedMs: seenCpuMs, queuedMs: seenQueuedMs } = schedule())
  if (!question.startsWith('seen')) {
    stallMs = 0
    heldMs = 0
    queued = []
    peakBytes = process.memoryUsage.rss()
  }
  return { ...seen, rssBytes: memory.rss, heapBytes: memory.heapUsed }
}

// After `reset` and `quick` the figures begin anew; all but `quick` collect garbage first.
createServer((socket) => {
  socket.on('error', () => {})
  socket.on('data', async (chunk) => socket.write(JSON.stringify(await answer(String(chunk)))))
})
  .listen({ port: Number(process.env['ODRADEK_WATCH_PORT']), host: '127.0.0.1' })
  .unref()
