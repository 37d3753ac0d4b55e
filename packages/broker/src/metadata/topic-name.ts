const NAME_CHARS_MAX = 249
const LEGAL = /^[a-zA-Z0-9._-]+$/

/** Why `name` cannot be a topic's; null when it can. */
export function topicNameProblem(name: string): string | null {
  if (name === '') return 'Topic name is invalid: it is empty'
  if (name === '.' || name === '..') return `Topic name is invalid: '${name}' is not allowed`
  if (name.length > NAME_CHARS_MAX) {
    return `Topic name is invalid: it has ${name.length} characters, and at most ${NAME_CHARS_MAX} are allowed`
  }
  if (!LEGAL.test(name))
    return `Topic name is invalid: '${name}' has characters other than a-z, A-Z, 0-9, '.', '_' and '-'`
  return null
}

/** Names with the same key cannot stand beside each other: Kafka's metric names make "." an "_". */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_')
}
