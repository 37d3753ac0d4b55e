'use strict'
// V8's compiled form of the bundle, made after a broker has started with it: it then holds the functions that a start calls,
// which V8 would otherwise compile one by one at every start.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const vm = require('node:vm')

const START_MS_MAX = 30_000

/** Of `text`, which is to lie at `file`. */
function compiledForm(file, text) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-build-'))
  try {
    return afterStart(directory, file, text) ?? new vm.Script(text, { filename: file }).createCachedData()
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

/** Null where no broker can be started, for whatever reason: what is made without is complete, and only serves less well. */
function afterStart(directory, file, text) {
  const { spawnSync } = require('node:child_process')
  const [input, output] = ['broker.cjs', 'cache'].map((name) => path.join(directory, name))
  fs.writeFileSync(input, text)
  const flags = ['--port', '0', '--data-dir', path.join(directory, 'data')]
  const env = Object.fromEntries(
    // Neither this machine's settings nor flags of Node, which are part of what V8 compares.
    Object.entries(process.env).filter(([name]) => !/^(ODRADEK|KAFKA)_|^NODE_/.test(name)),
  )
  spawnSync(process.execPath, [__filename, input, output, file, ...flags], {
    env,
    stdio: 'ignore',
    timeout: START_MS_MAX,
    killSignal: 'SIGKILL',
  })
  return fs.existsSync(output) ? fs.readFileSync(output) : null
}

/** A request of ApiVersions v0 by a client without a name, with its size. */
const API_VERSIONS = Buffer.from('0000000a00120000000000000000', 'hex')

/** The child: starts the broker, asks it once what it can do, and writes what V8 has compiled by then. */
function startAndWrite([input, output, file, ...flags]) {
  const script = new vm.Script(fs.readFileSync(input, 'latin1'), { filename: file })
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (line) => {
    const port = /^ready \S+:(\d+)/.exec(line)?.[1]
    if (port !== undefined) ask(Number(port), () => writeAndExit(script, output))
    return write(line)
  }
  process.argv.splice(1, process.argv.length, file, ...flags)
  script.runInThisContext()(exports, require, module, file, path.dirname(file))
}

function ask(port, done) {
  const socket = require('node:net').connect(port, '127.0.0.1')
  socket.write(API_VERSIONS)
  socket.once('data', done)
}

function writeAndExit(script, output) {
  fs.writeFileSync(`${output}.part`, script.createCachedData())
  fs.renameSync(`${output}.part`, output)
  process.exit(0)
}

if (require.main === module) startAndWrite(process.argv.slice(2))

module.exports = { compiledForm }
