import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ApiSpec, ErrorSpec, FieldSpec, MessageSpec, MessagesSpec, StructSpec } from './spec.ts'

export interface Specs {
  readonly apis: readonly ApiSpec[]
  readonly records: readonly MessagesSpec[]
  readonly headers: MessagesSpec
  readonly errors: readonly ErrorSpec[]
}

/** Reads and checks every file under `directory`; the first fault is an error that names file and field. */
export function loadSpecs(directory: string): Specs {
  const files = (folder: string) =>
    readdirSync(join(directory, folder))
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => open(join(directory, folder, name)))
  return {
    apis: files('apis')
      .map(readApi)
      .sort((left, right) => left.key - right.key),
    records: files('records').map(readMessages),
    headers: readMessages(open(join(directory, 'headers.json'))),
    errors: open(join(directory, 'errors.json')).list('errors', readError),
  }
}

function open(path: string): Entry {
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return new Entry(basename(path, '.json'), content)
}

function readApi(entry: Entry): ApiSpec {
  entry.allow('$schema key name versions flexible unstable kafka44 request requestStructs response responseStructs')
  return {
    fileName: entry.place,
    key: entry.number('key'),
    name: entry.text('name'),
    versions: entry.text('versions'),
    ...entry.optional('flexible', entry.text),
    ...entry.optional('unstable', entry.text),
    ...entry.optional('kafka44', entry.text),
    request: entry.list('request', readField),
    ...entry.optional('requestStructs', (name) => entry.list(name, readStruct)),
    response: entry.list('response', readField),
    ...entry.optional('responseStructs', (name) => entry.list(name, readStruct)),
  }
}

function readMessages(entry: Entry): MessagesSpec {
  entry.allow('$schema topic messages')
  return {
    fileName: entry.place,
    ...entry.optional('topic', entry.text),
    messages: entry.list('messages', readMessage),
  }
}

const kinds = ['key', 'value', 'embedded', 'control-key', 'control-value'] as const

function readMessage(entry: Entry): MessageSpec {
  entry.allow('name kind type versions flexible fields structs')
  return {
    name: entry.text('name'),
    ...entry.optional('kind', (name) => entry.oneOf(name, kinds)),
    ...entry.optional('type', entry.number),
    versions: entry.text('versions'),
    ...entry.optional('flexible', entry.text),
    fields: entry.list('fields', readField),
    ...entry.optional('structs', (name) => entry.list(name, readStruct)),
  }
}

function readStruct(entry: Entry): StructSpec {
  entry.allow('name fields')
  return { name: entry.text('name'), fields: entry.list('fields', readField) }
}

function readField(entry: Entry): FieldSpec {
  entry.allow('name type versions nullable tag default ignorable flexible fields')
  return {
    name: entry.text('name'),
    type: entry.text('type'),
    ...entry.optional('versions', entry.text),
    ...entry.optional('nullable', entry.trueOrText),
    ...entry.optional('tag', entry.number),
    ...entry.optional('default', entry.scalar),
    ...entry.optional('ignorable', entry.flag),
    ...entry.optional('flexible', (name) => entry.oneOf(name, ['none'] as const)),
    ...entry.optional('fields', (name) => entry.list(name, readField)),
  }
}

function readError(entry: Entry): ErrorSpec {
  entry.allow('code name retriable refreshMetadata')
  return {
    code: entry.number('code'),
    name: entry.text('name'),
    ...entry.optional('retriable', entry.flag),
    ...entry.optional('refreshMetadata', entry.flag),
  }
}

/** One JSON object and where it stands. */
class Entry {
  readonly place: string
  private readonly values: ReadonlyMap<string, unknown>

  constructor(place: string, content: unknown) {
    this.place = place
    if (typeof content !== 'object' || content === null || Array.isArray(content)) throw this.fault('an object')
    this.values = new Map(Object.entries(content))
  }

  allow(names: string): void {
    for (const name of this.values.keys()) {
      if (!names.split(' ').includes(name))
        throw new Error(`${this.place}: "${name}" means nothing here; known are ${names}`)
    }
  }

  readonly text = (name: string): string => {
    const value = this.values.get(name)
    if (typeof value !== 'string') throw this.fault('a text', name)
    return value
  }

  readonly number = (name: string): number => {
    const value = this.values.get(name)
    if (typeof value !== 'number' || !Number.isInteger(value)) throw this.fault('a whole number', name)
    return value
  }

  readonly flag = (name: string): true => {
    if (this.values.get(name) !== true) throw this.fault('true, or left out', name)
    return true
  }

  readonly trueOrText = (name: string): true | string => (this.values.get(name) === true ? true : this.text(name))

  readonly scalar = (name: string): string | number | boolean | null => {
    const value = this.values.get(name)
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return value
    throw this.fault('a plain value', name)
  }

  oneOf<T extends string>(name: string, known: readonly T[]): T {
    const value = known.find((candidate) => candidate === this.values.get(name))
    if (value === undefined) throw this.fault(`one of ${known.join(', ')}`, name)
    return value
  }

  list<T>(name: string, read: (entry: Entry) => T): T[] {
    const value = this.values.get(name)
    if (!Array.isArray(value)) throw this.fault('an array', name)
    return value.map((item: unknown, index) => read(new Entry(`${this.place}.${name}[${index}]`, item)))
  }

  /** `{ [name]: … }` where the entry has it, else nothing to spread. */
  optional<N extends string, T>(name: N, read: (name: N) => T): { [key in N]?: T } {
    if (!this.values.has(name)) return {}
    const part: { [key in N]?: T } = {}
    part[name] = read(name)
    return part
  }

  private fault(wanted: string, name?: string): Error {
    return new Error(`${this.place}${name === undefined ? '' : `.${name}`} must be ${wanted}`)
  }
}
