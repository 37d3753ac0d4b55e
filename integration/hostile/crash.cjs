'use strict'
// Loaded into a broker process by --require: at a signal it goes wrong as a bug of ours, or as its disk, would make it.
const fs = require('node:fs')

process.on('SIGUSR2', () => {
  const how = fs.readFileSync(process.env['ODRADEK_CRASH_FILE'], 'utf8')
  if (how === 'throw') throw new Error('planted: an assertion does not hold')
  if (how === 'reject') void Promise.reject(new Error('planted: nobody caught this'))
  if (how === 'disk') {
    fs.fdatasync = (_descriptor, done) =>
      process.nextTick(done, Object.assign(new Error('EIO: planted'), { code: 'EIO' }))
  }
})
