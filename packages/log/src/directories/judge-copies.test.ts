import { judgeCopies, type LogCopy } from './judge-copies.ts'

const copy = (directoryId: string, rest: Partial<LogCopy> = {}): LogCopy => ({
  ...{ directoryId, isFuture: false, movedTo: null, synced: new Map() },
  ...rest,
})
const A = copy('A')
const B = copy('B')
const movedToB = copy('A', { movedTo: 'B' })
const futureB = copy('B', { isFuture: true })
const use = (chosen: LogCopy, rest: object = {}) => ({
  kind: 'use',
  copy: chosen,
  stale: [],
  strays: [],
  resumeTo: null,
  ...rest,
})

test.each<[string, readonly LogCopy[], string | undefined, object]>([
  ['nothing', [], 'A', { kind: 'none' }],
  ['one copy, where the metadata has it', [A], 'A', use(A)],
  ['one copy, elsewhere: somebody moved the files', [A], 'B', use(A)],
  ['two copies: that of the metadata', [A, B], 'B', use(B, { strays: [A] })],
  ['two copies that the metadata does not know', [A, B], 'C', use(A, { strays: [B] })],
  ['a move that had not gone over', [A, futureB], 'A', use(A, { stale: [futureB], resumeTo: 'B' })],
  ['a move that had just gone over', [movedToB, futureB], 'A', { kind: 'compare', from: movedToB, to: futureB }],
  ['a move of which the old files were not yet removed', [movedToB, B], 'B', use(B, { stale: [movedToB] })],
  ['a move whose copy is gone', [movedToB], 'B', use(movedToB)],
  ['a move whose new directory is not there', [copy('A', { movedTo: 'Z' })], 'Z', { kind: 'offline' }],
  ['only the copy, and the metadata has it', [futureB], 'B', use(futureB)],
  ['only a copy that may not be whole', [futureB], 'A', { kind: 'offline' }],
])('%s', (_, copies, assigned, expected) => {
  expect(judgeCopies(copies, assigned, (id) => id !== 'Z')).toMatchObject(expected)
})
