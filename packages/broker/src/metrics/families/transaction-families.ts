import { TRANSACTION_STATES, type TransactionCommand } from '@odradek/coordinators'
import { eachNode, NODE } from '../by-node.ts'
import type { Family } from '../family.ts'

const ALL: TransactionCommand = {
  kind: 'ListTransactions',
  stateFilters: new Set(),
  producerIdFilters: new Set(),
  durationFilterMs: -1n,
}

/** How many transactional ids there are in each state. Kafka shows this by its tools alone. */
export function transactionFamily(): Family {
  return {
    name: 'odradek_transactions',
    help: 'Transactional ids in each state of the transaction.',
    type: 'gauge',
    labels: ['state', NODE],
    collect: async (samples, scrape) => {
      const { transactions } = scrape.sources.services
      for (const { node, labels } of eachNode(scrape)) {
        const counts = new Map<string, number>(TRANSACTION_STATES.map((state) => [state, 0]))
        for (const answer of await transactions.submitToAll(node, ALL)) {
          if (answer.kind !== 'ListTransactions') continue
          for (const { transactionState } of answer.transactionStates)
            counts.set(transactionState, (counts.get(transactionState) ?? 0) + 1)
        }
        for (const [state, count] of counts) samples.add({ state, ...labels }, count)
      }
    },
  }
}
