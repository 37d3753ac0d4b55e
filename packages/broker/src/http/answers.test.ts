import { type HttpQuestion, readiness, refusalOf, wantsOpenMetrics } from './answers.ts'

const question: HttpQuestion = { method: 'GET', target: '/metrics', host: 'localhost:9644', origin: null, accept: '' }

const refusal = (change: Partial<HttpQuestion>, isLocal = true) => refusalOf({ ...question, ...change }, isLocal)

test.each([
  [{}],
  [{ host: '127.0.0.1:9644' }],
  [{ host: '127.8.9.1' }],
  [{ host: '[::1]:9644' }],
  [{ host: 'LOCALHOST' }],
  [{ method: 'HEAD', target: '/healthz' }],
  [{ target: '/readyz?verbose' }],
  [{ origin: 'http://localhost:9644' }],
])('%p is answered', (change) => {
  expect(refusal(change)).toBeNull()
})

test.each<[Partial<HttpQuestion>, number, string]>([
  [{ host: null }, 400, 'Host'],
  [{ host: 'evil.example:9644' }, 403, 'localhost'],
  [{ host: 'localhost.evil.example' }, 403, 'localhost'],
  [{ host: '127.0.0.1.evil.example' }, 403, 'localhost'],
  [{ host: '192.168.1.2:9644' }, 403, 'localhost'],
  [{ origin: 'http://evil.example' }, 403, 'evil.example'],
  [{ origin: 'null' }, 403, 'null'],
  [{ method: 'POST' }, 405, 'use GET'],
  [{ method: 'TRACE' }, 405, 'use GET'],
  [{ target: '/' }, 404, '/metrics, /healthz, /readyz'],
  [{ target: '/metrics/' }, 404, '/metrics'],
  [{ target: '/../etc/passwd' }, 404, '/metrics'],
  [{ target: `/${'a'.repeat(5000)}\u001b[31m` }, 404, '/metrics'],
])('%p gets %i', (change, status, text) => {
  const answer = refusal(change)
  expect(answer?.status).toBe(status)
  expect(answer?.text).toContain(text)
  expect(answer?.text.length).toBeLessThan(300)
  expect(answer?.text).not.toContain('\u001b')
})

test('where other machines may ask, they do so by whatever name they know; pages of others may not', () => {
  expect(refusal({ host: 'broker.internal:9644' }, false)).toBeNull()
  expect(refusal({ host: 'broker.internal:9644', origin: 'http://evil.example' }, false)?.status).toBe(403)
})

test('a method that is not allowed is told which are', () => {
  expect(refusal({ method: 'DELETE' })?.headers).toEqual({ allow: 'GET, HEAD' })
})

test.each([
  ['', false],
  ['*/*', false],
  ['text/plain;version=0.0.4', false],
  ['application/openmetrics-text;version=1.0.0,text/plain;q=0.5', true],
  ['text/plain;q=0.9, application/OpenMetrics-Text; version=1.0.0; q=0.8', true],
  ['application/openmetrics-text;q=0', false],
])('Accept: %s', (accept, expected) => {
  expect(wantsOpenMetrics(accept)).toBe(expected)
})

test('only a broker that serves is ready', () => {
  expect((['starting', 'ready', 'failed', 'stopping'] as const).map((state) => readiness(state).status)).toEqual([
    503, 200, 503, 503,
  ])
})
