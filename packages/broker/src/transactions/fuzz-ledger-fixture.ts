import { assert, present } from '@odradek/core'

/** Where a record went: a topic that is made again is another one. */
export interface AcknowledgedRecord {
  readonly value: string
  readonly place: string
  readonly offset: number
}

/** One transaction, as the client that ran it knows it. */
export class FuzzTransaction {
  readonly name: string
  readonly groupId: string
  readonly records: AcknowledgedRecord[] = []
  /** What it committed for its group, if it was told so. */
  offset: number | null = null
  /** Before the client asks for it, nothing may be committed. */
  isCommitSent = false
  /** What the client was told, or what follows from a refusal; null while it cannot know. */
  outcome: 'committed' | 'aborted' | null = null
  private written = 0

  constructor(name: string, groupId: string) {
    this.name = name
    this.groupId = groupId
  }

  get isEmpty(): boolean {
    return this.written === 0
  }

  nextValue(): string {
    return `${this.name}#${this.written++}`
  }

  /** Nobody asked for a commit, or it was refused. */
  get mustBeAborted(): boolean {
    return this.outcome === 'aborted' || !this.isCommitSent
  }
}

/** All transactions of one run, and what must be true of them. */
export class FuzzLedger {
  private readonly byName = new Map<string, FuzzTransaction>()
  private readonly byOffset = new Map<number, FuzzTransaction>()
  private offsets = 0

  get transactions(): readonly FuzzTransaction[] {
    return [...this.byName.values()]
  }

  begin(name: string, groupId: string): FuzzTransaction {
    const transaction = new FuzzTransaction(name, groupId)
    this.byName.set(name, transaction)
    return transaction
  }

  /** Each is larger than all before, and says whose it is. */
  nextOffset(transaction: FuzzTransaction): number {
    this.byOffset.set(++this.offsets, transaction)
    return this.offsets
  }

  of(value: string): FuzzTransaction {
    const name = value.slice(0, value.indexOf('#'))
    return present(this.byName.get(name), `nobody wrote ${value}`)
  }

  /** Readers of committed records were given it. */
  delivered(value: string): void {
    assert(!this.of(value).mustBeAborted, `${value} is delivered, and was never committed`)
  }

  /** The group says that it is at `offset`. */
  committed(groupId: string, offset: number): void {
    const transaction = present(this.byOffset.get(offset), `nobody committed offset ${offset}`)
    assert(transaction.groupId === groupId, `offset ${offset} is of group ${transaction.groupId}`)
    assert(!transaction.mustBeAborted, `group ${groupId} is at ${offset}, which was never committed`)
  }

  /** When everything is over: the offset is that of the last committed transaction of the group. */
  checkOffset(groupId: string, offset: number, isCommitted: (transaction: FuzzTransaction) => boolean | null): void {
    if (offset >= 0) this.committed(groupId, offset)
    for (const [committed, transaction] of this.byOffset) {
      if (transaction.groupId !== groupId || transaction.offset !== committed) continue
      const isLost = committed > offset && isCommitted(transaction) === true
      assert(!isLost, `group ${groupId} is at ${offset}, but ${transaction.name} committed ${committed}`)
      const isOfAborted = committed === offset && isCommitted(transaction) === false
      assert(!isOfAborted, `group ${groupId} is at ${offset} of ${transaction.name}, whose records are aborted`)
    }
  }
}
