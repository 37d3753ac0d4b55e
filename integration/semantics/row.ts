/** What shows that a row holds. */
export type Proof =
  /**
   * By the whole title of a test, as it is written, and where that is one of a table the first cell of its row; of a machine's
   * scenarios, which are texts, by the whole comment.
   */
  | { readonly kind: 'test'; readonly file: string; readonly title: string; readonly cell?: string }
  /** By the whole name of scenarios of `integration/differential`, without the version: compared with a real Kafka. */
  | { readonly kind: 'scenario'; readonly name: string }
  /** By the whole name of scenarios of an API that is not built yet: what Kafka answers is recorded. */
  | { readonly kind: 'not built'; readonly name: string }
  /** The row cannot hold here. */
  | { readonly kind: 'absent'; readonly why: string }

/** Something that clients meet, and what they are told. */
export interface Row {
  readonly what: string
  readonly proofs: readonly Proof[]
}

/** Rows of one part of what Kafka's broker promises. */
export interface Section {
  readonly name: string
  readonly rows: readonly Row[]
}

export const scenario = (name: string): Proof => ({ kind: 'scenario', name })

/** A test of a handler: `'19-create-topics'`. */
export const handler = (name: string, title: string, cell?: string): Proof =>
  test(`packages/broker/src/handlers/${name}.test.ts`, title, cell)

export const test = (file: string, title: string, cell?: string): Proof => ({
  ...{ kind: 'test', file, title },
  ...(cell === undefined ? {} : { cell }),
})

const machine = (folder: string) => (name: string, comment: string) =>
  test(`packages/coordinators/src/${folder}/scenarios/${name}.txt`, comment)

/** A part of a scenario of the groups' machine. */
export const groups = machine('group')
/** A part of a scenario of the transactions' machine. */
export const transactionMachine = machine('transaction')

export const notBuilt = (name: string): Proof => ({ kind: 'not built', name })

export const absent = (why: string): Proof => ({ kind: 'absent', why })

/** A row by what it says, and all that shows it. */
export const row = (what: string, ...proofs: readonly Proof[]): Row => ({ what, proofs })
