import type { ConnectionState } from './request-context.ts'

/** Policy for slowing clients down. */
export interface Quotas {
  /**
   * Counts a request that has been served. For how many milliseconds its connection is then not served: the answer goes
   * out first and says so (KIP-219).
   */
  throttleMs(connection: ConnectionState, clientId: string | null, apiKey: number, requestBytes: number): number
}

export const noQuotas: Quotas = { throttleMs: () => 0 }
