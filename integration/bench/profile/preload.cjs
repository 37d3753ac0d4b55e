'use strict'
// Loaded into the broker that is profiled: each SIGUSR2 takes the next step, and a file tells when it is done. In its own
// process, because what is sampled from outside needs a debugger's connection, which is load too.
const fs = require('node:fs')
const { Session } = require('node:inspector')
const path = require('node:path')

const directory = process.env.ODRADEK_PROFILE_DIRECTORY
/** Between two samples of the processor. */
const CPU_INTERVAL_US = 200
/** Between two samples of the heap, on average. */
const HEAP_INTERVAL_BYTES = 16 * 1024

const session = new Session()
session.connect()

function post(method, parameters, done) {
  session.post(method, parameters, (error, result) => {
    if (error !== null) throw new Error(`${method}: ${error.message}`)
    done(result)
  })
}

function write(name, text) {
  fs.writeFileSync(path.join(directory, `${name}.part`), text)
  fs.renameSync(path.join(directory, `${name}.part`), path.join(directory, name))
}

const STEPS = [
  () =>
    post('Profiler.enable', {}, () =>
      post('Profiler.setSamplingInterval', { interval: CPU_INTERVAL_US }, () =>
        post('Profiler.start', {}, () => write('cpu-begun', '')),
      ),
    ),
  () => post('Profiler.stop', {}, ({ profile }) => write('cpuprofile', JSON.stringify(profile))),
  () => {
    // What has been collected meanwhile was allocated too.
    const all = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true }
    const sampling = { samplingInterval: HEAP_INTERVAL_BYTES, ...all }
    post('HeapProfiler.startSampling', sampling, () => write('heap-begun', ''))
  },
  () => post('HeapProfiler.stopSampling', {}, ({ profile }) => write('heapprofile', JSON.stringify(profile))),
]

process.on('SIGUSR2', () => STEPS.shift()?.())
