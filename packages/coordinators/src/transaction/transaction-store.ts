import { isAtRest, NO_PRODUCER_EPOCH, type Transaction } from './transaction.ts'

/** The transactions of one machine: what the log says, and the last epochs, which it does not say. */
export class TransactionStore {
  private readonly transactions = new Map<string, Transaction>()
  private readonly lastEpochs = new Map<string, number>()
  /** Those that are Ongoing or prepared: the ones that time changes soon. */
  readonly unfinished = new Set<string>()

  get size(): number {
    return this.transactions.size
  }

  get(transactionalId: string): Transaction | undefined {
    const transaction = this.transactions.get(transactionalId)
    const lastProducerEpoch = this.lastEpochs.get(transactionalId)
    if (transaction === undefined || lastProducerEpoch === undefined) return transaction
    return { ...transaction, lastProducerEpoch }
  }

  entries(): IterableIterator<[string, Transaction]> {
    return this.transactions.entries()
  }

  put(transactionalId: string, transaction: Transaction): void {
    this.transactions.set(transactionalId, transaction)
    if (isAtRest(transaction.state)) this.unfinished.delete(transactionalId)
    else this.unfinished.add(transactionalId)
  }

  remove(transactionalId: string): void {
    this.transactions.delete(transactionalId)
    this.lastEpochs.delete(transactionalId)
    this.unfinished.delete(transactionalId)
  }

  /** Soft: lost with the machine. */
  rememberLastEpoch(transactionalId: string, lastProducerEpoch: number): void {
    if (lastProducerEpoch === NO_PRODUCER_EPOCH) this.lastEpochs.delete(transactionalId)
    else this.lastEpochs.set(transactionalId, lastProducerEpoch)
  }
}
