import type { VectorTag, VectorValue } from './json-value.ts'

/** One line of messages, headers or internal-records; which fields are there depends on the file. */
export class VectorLine {
  private readonly fields: ReadonlyMap<string, unknown>

  constructor(text: string) {
    const content: unknown = JSON.parse(text)
    if (typeof content !== 'object' || content === null) throw new Error(`no vector: ${text.slice(0, 80)}`)
    this.fields = new Map(Object.entries(content))
  }

  text(name: string): string {
    const value = this.fields.get(name)
    if (typeof value !== 'string') throw new Error(`the vector has no text "${name}"`)
    return value
  }

  /** Null where the vector has null or nothing. */
  optionalText(name: string): string | null {
    return this.fields.get(name) === null || !this.fields.has(name) ? null : this.text(name)
  }

  number(name: string): number {
    const value = this.fields.get(name)
    if (typeof value !== 'number') throw new Error(`the vector has no number "${name}"`)
    return value
  }

  get bytes(): Buffer {
    return Buffer.from(this.text('hex'), 'hex')
  }

  get value(): VectorValue {
    return { value: this.fields.get('value'), unknownTags: this.unknownTags() }
  }

  /** The header of a frame. */
  get header(): VectorValue {
    return { value: this.fields.get('header'), unknownTags: [] }
  }

  /** What to call this line in a report. */
  get title(): string {
    const parts = ['api', 'record', 'kind', 'version', 'case'].map((name) => this.fields.get(name))
    return parts.filter((part) => part !== undefined).join(' ')
  }

  private unknownTags(): VectorTag[] {
    const tags: unknown = this.fields.get('unknownTags') ?? []
    if (!Array.isArray(tags)) throw new Error('unknownTags is no array')
    return tags.map((tag: unknown) => readTag(tag))
  }
}

function readTag(content: unknown): VectorTag {
  if (typeof content !== 'object' || content === null) throw new Error('an unknown tag is no object')
  const fields = new Map<string, unknown>(Object.entries(content))
  const tag = fields.get('tag')
  const hex = fields.get('hex')
  const path = fields.get('path')
  if (typeof tag !== 'number' || typeof hex !== 'string') throw new Error('an unknown tag without number or bytes')
  return typeof path === 'string' ? { tag, hex, path } : { tag, hex }
}
