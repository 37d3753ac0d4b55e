import { request } from 'node:http'
import { connect } from 'node:net'
import { planHttp } from '../listener-config.ts'
import { HTTP_CONNECTIONS_MAX, HTTP_HEADER_BYTES_MAX, HTTP_TIMEOUTS, HttpListener } from './http-listener.ts'

const open: HttpListener[] = []

afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close()
})

async function listen(timeouts = HTTP_TIMEOUTS): Promise<HttpListener> {
  const listener = await HttpListener.open(planHttp('localhost:0', false)!, timeouts)
  open.push(listener)
  return listener
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

function ask(
  { address }: HttpListener,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...address, path, headers, method, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
      )
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** What a peer that does not speak HTTP well gets, until its connection ends. */
function sendRaw({ address }: HttpListener, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(address.port, address.host, () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

const metrics = { text: (format: string) => Promise.resolve({ contentType: `text/${format}`, text: `${format}\n` }) }

test('from start to stop: alive always, ready and with metrics only in between', async () => {
  const listener = await listen()
  expect(await ask(listener, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' })
  expect(await ask(listener, '/readyz')).toMatchObject({ status: 503 })
  expect(await ask(listener, '/metrics')).toMatchObject({ status: 503, text: expect.stringContaining('starting') })
  listener.ready(metrics)
  expect(await ask(listener, '/readyz')).toMatchObject({ status: 200 })
  expect(await ask(listener, '/metrics')).toEqual({ status: 200, type: 'text/prometheus', text: 'prometheus\n' })
  const accept = 'application/openmetrics-text;version=1.0.0'
  expect(await ask(listener, '/metrics', { accept })).toMatchObject({ type: 'text/openmetrics' })
  expect(await ask(listener, '/metrics', {}, 'HEAD')).toMatchObject({ status: 200, text: '' })
  listener.stopping()
  expect(await ask(listener, '/readyz')).toMatchObject({ status: 503, text: 'stopping\n' })
  expect(await ask(listener, '/metrics')).toMatchObject({ status: 503 })
})

test('a failed metadata log is not ready, and does not become so again', async () => {
  const listener = await listen()
  listener.fail()
  listener.ready(metrics)
  expect(await ask(listener, '/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('metadata log') })
})

test('metrics that cannot be written are an answer, and the next is another try', async () => {
  const listener = await listen()
  let fails = true
  listener.ready({ text: (format) => (fails ? Promise.reject(new Error('no luck')) : metrics.text(format)) })
  expect(await ask(listener, '/metrics')).toMatchObject({ status: 500, text: expect.stringContaining('no luck') })
  fails = false
  expect(await ask(listener, '/metrics')).toMatchObject({ status: 200 })
})

test('a name that leads here from elsewhere is refused', async () => {
  const listener = await listen()
  expect(await ask(listener, '/healthz', { host: 'evil.example' })).toMatchObject({ status: 403 })
  expect(await ask(listener, '/healthz', { origin: 'http://evil.example' })).toMatchObject({ status: 403 })
})

test.each([
  ['what is no HTTP', 'hello\r\n\r\n', '400'],
  ['no Host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n', '400'],
  [
    'a header that is too long',
    `GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(HTTP_HEADER_BYTES_MAX)}\r\n\r\n`,
    '431',
  ],
])('%s', async (_, text, status) => {
  expect(await sendRaw(await listen(), text)).toMatch(new RegExp(`^HTTP/1.1 ${status}`))
})

test('a header just short enough is read', async () => {
  const head = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx: '
  const answer = await sendRaw(await listen(), `${head}${'a'.repeat(HTTP_HEADER_BYTES_MAX - 200)}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1.1 200/)
})

const WHOLE = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n'

test.each([
  ['headers that do not come to their end', { headersMs: 20 }, 'GET /healthz HTTP/1.1\r\nhost: ', /^HTTP\/1.1 408/],
  ['a connection that asks nothing more', { keepAliveMs: 20 }, WHOLE, /^HTTP\/1.1 200/],
])('%s: time is limited', async (_, limited, text, answer) => {
  // The connection ends by the limit that is short; the others are far off.
  const listener = await listen({ ...HTTP_TIMEOUTS, ...limited })
  expect(await sendRaw(listener, text)).toMatch(answer)
})

test('connections past the limit are closed, and there is room again when one ends', async () => {
  const listener = await listen()
  const { host, port } = listener.address
  const connected = () =>
    new Promise<ReturnType<typeof connect>>((resolve) => {
      const socket = connect(port, host, () => resolve(socket))
      socket.on('error', () => {})
    })
  const sockets = await Promise.all(Array.from({ length: HTTP_CONNECTIONS_MAX }, connected))
  const last = sockets[0]!
  const answered = new Promise<string>((resolve) => last.once('data', (chunk) => resolve(String(chunk))))
  last.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
  expect(await answered).toMatch(/^HTTP\/1.1 200/)
  const extra = await connected()
  await new Promise((resolve) => extra.once('close', resolve).resume())
  const ended = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve).resume())))
  for (const socket of sockets) socket.end()
  await ended
  expect(await ask(listener, '/healthz')).toMatchObject({ status: 200 })
})

test.each([
  ['', false, null],
  ['localhost:9644', false, ['127.0.0.1', '::1']],
  [':9644', false, ['127.0.0.1', '::1']],
  ['[::1]:9644', false, ['::1']],
  ['0.0.0.0:9644', true, ['0.0.0.0']],
])('odradek.http.listener=%s, insecure %p', (text, insecure, hosts) => {
  const plan = planHttp(text, insecure)
  expect(plan?.binds.map(({ host }) => host) ?? null).toEqual(hosts)
  expect(plan?.isLocal ?? true).toBe(!insecure)
})

test.each([
  ['0.0.0.0:9644', /--insecure/],
  ['192.168.1.2:9644', /--insecure/],
  ['9644', /HOST:PORT/],
  ['localhost:65536', /HOST:PORT/],
  ['http://localhost:9644', /HOST:PORT/],
])('odradek.http.listener=%s is refused', (text, message) => {
  expect(() => planHttp(text, false)).toThrow(message)
})
