import net from 'node:net'
import { Readable } from 'node:stream'
import { type FileHandle, type FileStat, type MonotonicMs, SystemClock, SystemPrng } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { Kafka, logLevel } from 'kafkajs'
import type { Host } from './host.ts'
import { run } from './run.ts'

interface Given {
  readonly environment?: Record<string, string>
  readonly files?: Record<string, string>
  readonly fs?: MemoryFs
}

/** Real time, which a test can move forward. */
class MovableClock extends SystemClock {
  movedMs = 0

  override monotonicMs(): MonotonicMs {
    return (super.monotonicMs() + this.movedMs) as MonotonicMs
  }
}

/** A run of the program on a made-up machine. */
class Program {
  stdout = ''
  stderr = ''
  readonly exits: number[] = []
  readonly code: Promise<number>
  readonly clock = new MovableClock()
  private readonly stops: (() => void)[] = []
  private readonly watchers: (() => void)[] = []

  constructor(line: string, { environment = {}, files = {}, fs = new MemoryFs() }: Given = {}) {
    for (const [path, text] of Object.entries(files)) {
      const file = fs.openSync(path, 'create')
      file.writeSync([Buffer.from(text)], 0)
      file.closeSync()
    }
    const host: Host = {
      argv: line.split(' ').filter(Boolean),
      environment,
      forgetVariable() {},
      fs,
      clock: this.clock,
      prng: new SystemPrng(),
      version: '1.2.3',
      memoryBytes: 1024 ** 3,
      pause: (delayMs) => new Promise((resolve) => this.clock.after(delayMs, resolve)),
      absolutePath: (path) => `/here/${path}`,
      stdin: () => Readable.from([]),
      stdout: (text) => {
        this.stdout += text
        for (const watch of this.watchers.splice(0)) watch()
      },
      stderr: (text) => {
        this.stderr += text
      },
      onStopRequest: (ask) => this.stops.push(ask),
      exit: (code) => this.exits.push(code),
    }
    this.code = run(host)
  }

  /** The addresses of the ready line. */
  async ready(): Promise<readonly string[]> {
    const written = this.stdout === '' ? new Promise<void>((resolve) => this.watchers.push(resolve)) : null
    await Promise.race([written, this.code])
    const line = /^ready (.*)\n$/.exec(this.stdout)?.[1]
    if (line === undefined) throw new Error(`not ready: ${this.stdout}${this.stderr}`)
    return line.split(',')
  }

  askToStop(): void {
    for (const ask of this.stops) ask()
  }

  async stop(): Promise<number> {
    this.askToStop()
    return this.code
  }
}

/** A machine whose device fails the flush of files whose path says so. */
class FailingFs extends MemoryFs {
  failing: string | null = null

  override openSync(path: string, mode: 'read' | 'append' | 'create'): FileHandle {
    const handle = super.openSync(path, mode)
    const datasync = handle.datasync.bind(handle)
    handle.datasync = () =>
      this.failing !== null && path.includes(this.failing)
        ? Promise.reject(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
        : datasync()
    return handle
  }
}

/** A machine on which everybody may read what lies at one path. */
class OpenFs extends MemoryFs {
  private readonly path: string

  constructor(path: string) {
    super()
    this.path = path
  }

  override statSync(path: string): FileStat | null {
    const stat = super.statSync(path)
    return stat === null ? null : { ...stat, mode: path === this.path ? 0o644 : 0o640 }
  }
}

async function refused(line: string, given: Given = {}): Promise<{ code: number; stderr: string; stdout: string }> {
  const program = new Program(line, given)
  const code = await program.code
  return { code, stderr: program.stderr, stdout: program.stdout }
}

test('a broker is announced by one line, says what it keeps where, and stops when asked', async () => {
  const program = new Program('--port 0 --ephemeral')
  const [address] = await program.ready()
  expect(address).toMatch(/^localhost:\d+$/)
  expect(program.stderr).toMatch(/^odradek 1\.2\.3, cluster [\w-]{22}$/m)
  expect(program.stderr).toContain(`${address} (PLAINTEXT)`)
  expect(program.stderr).toContain('memory only (up to 256 MiB)')
  expect(program.stderr).toContain('this machine only')
  expect(await program.stop()).toBe(0)
  expect(program.stdout).toBe(`ready ${address}\n`)
  expect(program.exits).toEqual([])
})

test('the data directory is shown whole, and what it holds is there the next time', async () => {
  const fs = new MemoryFs()
  const first = new Program('--port 0 --data-dir d --topic kept:2', { fs })
  await first.ready()
  expect(first.stderr).toContain('/here/d')
  const cluster = /cluster ([\w-]{22})/.exec(first.stderr)?.[1]
  expect(await first.stop()).toBe(0)
  const second = new Program('--port 0 --data-dir d', { fs })
  await second.ready()
  expect(second.stderr).toContain(`cluster ${cluster}`)
  expect(await second.stop()).toBe(0)
})

test('every node has its own address', async () => {
  const program = new Program('--port 0 --ephemeral --brokers 3 --node-id 5')
  expect(new Set(await program.ready()).size).toBe(3)
  expect(program.stderr).toMatch(/node 5 [\s\S]*node 6 [\s\S]*node 7 /)
  await program.stop()
})

test('one node of a running broker is stopped and started by command', async () => {
  const fs = new MemoryFs()
  const program = new Program('--port 0 --data-dir d --brokers 2', { fs })
  await program.ready()
  const ask = async (line: string) => {
    const { code, stdout, stderr } = await refused(line, { fs })
    return [code, stdout, stderr]
  }
  expect(await ask('node stop 2 --data-dir d')).toEqual([0, 'node 2 is stopped\n', ''])
  expect(program.stderr).toContain('node stopped node=2')
  expect(await ask('--data-dir d node start 2')).toEqual([0, 'node 2 runs\n', ''])
  expect(await ask('node stop 3 --data-dir d')).toEqual([1, '', 'odradek: there is no node 3; there are 1, 2\n'])
  expect(await ask('node stop two --data-dir d')).toMatchObject([
    2,
    '',
    expect.stringContaining('write the id of a node'),
  ])
  expect(await ask('node stop 2 --ephemeral')).toMatchObject([2, '', expect.stringContaining('has no directory')])
  expect(fs.readdirSync('d').filter((name) => name.startsWith('.odradek-node'))).toEqual([])
  await program.stop()
  expect(await ask('node stop 2 --data-dir d')).toMatchObject([1, '', expect.stringContaining('no broker uses d')])
})

test('what is weaker than usual is said', async () => {
  const program = new Program('--port 0 --data-dir d --flush os --host 0.0.0.0 --insecure')
  await program.ready()
  expect(program.stderr).toContain('NOT a power cut')
  expect(program.stderr).toContain('INSECURE')
  await program.stop()
})

test('a second request to stop does not wait, but its echo does', async () => {
  const program = new Program('--port 0 --ephemeral')
  await program.ready()
  program.askToStop()
  program.askToStop()
  expect(program.exits).toEqual([])
  program.clock.movedMs += 1000
  program.askToStop()
  expect(program.exits).toEqual([130])
  await program.code
})

test('a stop that is asked for during the start is clean, and nothing is announced', async () => {
  const program = new Program('--port 0 --ephemeral')
  expect(await program.stop()).toBe(0)
  expect(program.stdout).toBe('')
})

test('keys that do nothing here are named once, those of controllers too', async () => {
  const properties = `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:9093
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://localhost:0,CONTROLLER://localhost:9093
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
num.network.threads=3
my.own.key=1
log.dirs=/tmp/kraft-combined-logs
`
  const program = new Program('--config server.properties --ephemeral', { files: { 'server.properties': properties } })
  await program.ready()
  await program.stop()
  const lines = program.stderr.split('\n')
  expect(lines.filter((line) => line.includes('num.network.threads'))).toHaveLength(1)
  expect(lines.filter((line) => line.includes('controller.quorum.voters'))).toHaveLength(1)
  expect(lines.filter((line) => line.includes('my.own.key'))).toHaveLength(1)
  expect(lines.filter((line) => line.includes('not opened') && line.includes('CONTROLLER'))).toHaveLength(1)
})

test.each([
  ['--prot 1', {}, /unknown option '--prot' \(Did you mean --port\?\)/],
  ['--port abc', {}, '--port abc: not a port'],
  ['--flush never', {}, /--flush: .*never.*odradek\.flush.*device.*os/],
  ['--brokers 0 --port 0', {}, /--brokers: .*odradek\.brokers/],
  ['--log-level loud', {}, /--log-level: .*loud/],
  ['--topic a:x --ephemeral --port 0', {}, '--topic a:x'],
  ['--feature x=1 --ephemeral --port 0', {}, /feature x\b/],
  ['--host 0.0.0.0', {}, /0\.0\.0\.0.*--insecure/],
  ['--config nothing', {}, '--config nothing: there is no such file'],
  ['--config f', { files: { f: 'process.roles=controller' } }, 'process.roles=controller'],
  ['--config f', { files: { f: 'num.partitions=many' } }, /f: .*many.*num\.partitions/],
  ['--ephemeral', { environment: { KAFKA_NUM_PARTITIONS: 'x' } }, /KAFKA_NUM_PARTITIONS: .*num\.partitions/],
])('%s %j: one line, and the code of a wrong use', async (line, given, message) => {
  const { code, stderr, stdout } = await refused(line, given)
  expect({ stderr, lines: stderr.split('\n').length, code, stdout }).toEqual({
    stderr: expect.stringMatching(message),
    lines: 2,
    code: 2,
    stdout: '',
  })
  expect(stderr).toMatch(/^odradek: /)
})

test('a data directory that is in use is refused in one line', async () => {
  const fs = new MemoryFs()
  const first = new Program('--port 0 --data-dir d', { fs })
  await first.ready()
  const { code, stderr } = await refused('--port 0 --data-dir d', { fs })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^odradek: .*\bd\b.*\n$/)
  expect(await first.stop()).toBe(0)
})

test('a port that is in use is refused in one line', async () => {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  const { code, stderr } = await refused(`--port ${port} --ephemeral`)
  server.close()
  expect(code).toBe(1)
  expect(stderr).toMatch(new RegExp(`^odradek: .*${port}.*\\n$`))
})

test('the health check asks the broker that the same settings would start', async () => {
  const program = new Program('--port 0 --ephemeral')
  const port = (await program.ready())[0]?.split(':').at(-1)
  expect(await new Program(`healthcheck --port ${port}`).code).toBe(0)
  await program.stop()
  const { code, stderr } = await refused(`healthcheck --port ${port}`)
  expect(code).toBe(1)
  expect(stderr).toMatch(new RegExp(`^odradek: 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED.*\\n$`))
})

test('help and version go to standard output', async () => {
  expect(await refused('--version')).toEqual({ code: 0, stderr: '', stdout: 'odradek 1.2.3\n' })
  expect((await refused('--help')).stdout).toContain('--data-dir')
})

test('a metadata log that cannot be flushed ends the process: one line, exit code 1, no change answered as made', async () => {
  const fs = new FailingFs()
  const program = new Program('--port 0 --data-dir d --topic kept', { fs })
  const [address = ''] = await program.ready()
  const kafka = new Kafka({ brokers: [address], retry: { retries: 0 }, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'before', numPartitions: 1 }] })
  program.stderr = ''
  fs.failing = '__cluster_metadata'
  const created = admin.createTopics({ topics: [{ topic: 'after', numPartitions: 1 }] })
  created.catch(() => {})
  expect(await program.code).toBe(1)
  await expect(created).rejects.toMatchObject({ errors: [{ type: 'KAFKA_STORAGE_ERROR' }] })
  const lines = program.stderr.trim().split('\n')
  expect(lines.filter((line) => line.startsWith('odradek: '))).toEqual([
    expect.stringMatching(/^odradek: the metadata log failed \(a flush failed: EIO.*\): put the disk right/),
  ])
  await admin.disconnect()
  fs.failing = null
  const next = new Program('--port 0 --data-dir d', { fs })
  await next.ready()
  expect(await next.stop()).toBe(0)
})

test('a file with secrets that everybody can read is named, and neither one with none nor one that is kept', async () => {
  const scram = { listeners: 'SASL_PLAINTEXT://localhost:0', 'sasl.enabled.mechanisms': 'SCRAM-SHA-256' }
  const lines = Object.entries(scram).map(([key, value]) => `${key}=${value}\n`)
  const users = 'odradek.scram.users.file=users\n'
  const secret = 'listener.name.sasl_plaintext.plain.sasl.jaas.config=x\n'
  for (const [open, more, isNamed] of [
    ['a.properties', secret, true],
    ['a.properties', users, false],
    ['users', users + secret, true],
    ['other', users + secret, false],
  ] as const) {
    const files = { 'a.properties': lines.join('') + more, users: 'alice=pw\n' }
    const program = new Program('--ephemeral --config a.properties', { files, fs: new OpenFs(open) })
    await program.ready()
    expect(program.stderr.includes('a file with secrets is open to everybody')).toBe(isNamed)
    expect(program.stderr.includes(`path=${open}`)).toBe(isNamed)
    await program.stop()
  }
})
