import type { Fs } from '@odradek/core'

/** Names a request, in the file's name too. */
const REQUEST_ID = /^[\w-]{1,64}$/

/**
 * Requests of one kind that a command leaves for the broker in its data directory, and what became of them. Whoever may
 * write there may ask, from the same container or not, and nobody else.
 */
export class RequestFiles<Request extends { readonly id: string }, Result> {
  private readonly requestName: string
  private readonly resultPrefix: string
  private readonly isRequest: (value: object) => value is Request
  private readonly isResult: (value: object) => value is Result & object

  constructor(
    kind: string,
    isRequest: (value: object) => value is Request,
    isResult: (value: object) => value is Result & object,
  ) {
    this.requestName = `.odradek-${kind}-request`
    this.resultPrefix = `.odradek-${kind}-result-`
    this.isRequest = isRequest
    this.isResult = isResult
  }

  /** Leaves the request for the broker that uses `directory`. */
  ask(fs: Fs, directory: string, request: Request): void {
    writeWhole(fs, `${directory}/${this.requestName}`, JSON.stringify(request))
  }

  /** Id of the request that no broker has taken yet; null when there is none. */
  waiting(fs: Fs, directory: string): string | null {
    return this.request(fs.readFileSync(`${directory}/${this.requestName}`))?.id ?? null
  }

  /** Takes a request that no broker has taken back. False when one has. */
  withdraw(fs: Fs, directory: string): boolean {
    const path = `${directory}/${this.requestName}`
    if (fs.statSync(path) === null) return false
    fs.unlinkSync(path)
    return true
  }

  /** Takes the request out of the directory; null when there is none that makes sense. */
  take(fs: Fs, directory: string): Request | null {
    const path = `${directory}/${this.requestName}`
    if (fs.statSync(path) === null) return null
    const request = this.request(fs.readFileSync(path))
    fs.unlinkSync(path)
    return request
  }

  answer(fs: Fs, directory: string, id: string, result: Result): void {
    writeWhole(fs, `${directory}/${this.resultPrefix}${id}`, JSON.stringify(result))
  }

  /** Takes the answer out of the directory; null while there is none. */
  takeAnswer(fs: Fs, directory: string, id: string): Result | null {
    const path = `${directory}/${this.resultPrefix}${id}`
    const answer = parsed(fs.readFileSync(path))
    if (answer === null || !this.isResult(answer)) return null
    fs.unlinkSync(path)
    return answer
  }

  /** What is left of an earlier process: whoever asked it has been told by its end. */
  clear(fs: Fs, directory: string): void {
    this.take(fs, directory)
    for (const name of fs.readdirSync(directory)) {
      if (name.startsWith(this.resultPrefix)) fs.unlinkSync(`${directory}/${name}`)
    }
  }

  private request(bytes: Uint8Array | null): Request | null {
    const value = parsed(bytes)
    return value !== null && this.isRequest(value) && REQUEST_ID.test(value.id) ? value : null
  }
}

function writeWhole(fs: Fs, path: string, text: string): void {
  const bytes = Buffer.from(text)
  const handle = fs.openSync(`${path}.tmp`, 'create')
  try {
    if (handle.writeSync([bytes], 0) < bytes.length) throw new Error('no space left on the device')
  } finally {
    handle.closeSync()
  }
  fs.renameSync(`${path}.tmp`, path)
}

function parsed(bytes: Uint8Array | null): object | null {
  try {
    const value: unknown = bytes === null ? null : JSON.parse(Buffer.from(bytes).toString())
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}
