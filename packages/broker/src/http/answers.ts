/** What is asked for, as far as it matters here. */
export interface HttpQuestion {
  readonly method: string
  /** As it stands in the request line. */
  readonly target: string
  readonly host: string | null
  readonly origin: string | null
  readonly accept: string
}

export interface HttpAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

export type HttpState = 'starting' | 'ready' | 'failed' | 'stopping'

const PATHS = ['/metrics', '/healthz', '/readyz']

/** Why a question gets no answer, before it matters what is asked. */
export function refusalOf(question: HttpQuestion, isLocal: boolean): HttpAnswer | null {
  const { method, target, host, origin } = question
  if (host === null) return plain(400, 'a request needs a Host header')
  // A page from anywhere can make a browser on this machine ask here; under a name of its own that leads to this address
  // (DNS rebinding) it could read the answer too.
  if (isLocal && !isLocalHost(host))
    return plain(403, `this is served to this machine only: ask for localhost, not for ${shown(host)}`)
  if (origin !== null && origin !== `http://${host}`) return plain(403, `pages of ${shown(origin)} may not ask here`)
  if (method !== 'GET' && method !== 'HEAD')
    return { ...plain(405, `${shown(method)} does nothing here: use GET`), headers: { allow: 'GET, HEAD' } }
  if (!PATHS.includes(pathOf(target)))
    return plain(404, `nothing is at ${shown(pathOf(target))}: there are ${PATHS.join(', ')}`)
  return null
}

export function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? ''
}

export function health(): HttpAnswer {
  return plain(200, 'ok')
}

export function readiness(state: HttpState): HttpAnswer {
  switch (state) {
    case 'ready':
      return plain(200, 'ready')
    case 'starting':
      return plain(503, 'starting: data are being recovered')
    case 'failed':
      return plain(503, 'the metadata log has failed: put the disk right, then start again')
    case 'stopping':
      return plain(503, 'stopping')
  }
}

/** Whether OpenMetrics is asked for, as Prometheus does it; without a word of it, the older format. */
export function wantsOpenMetrics(accept: string): boolean {
  return accept.split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    return type === 'application/openmetrics-text' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}

export function plain(status: number, text: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', text: `${text}\n` }
}

function isLocalHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)
}

/** Text from a request: short, and nothing that a terminal would obey. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN_CHARS_MAX))
}

const SHOWN_CHARS_MAX = 100
