import { ProtocolError } from '@odradek/protocol/wire'
import { type ActiveRequest, dispatch, type RequestOwner, RequestRefused } from './dispatch.ts'
import { FIRST_NODE, type MemoryBroker, openMemoryBroker } from './memory-broker-fixture.ts'
import { noQuotas } from './quotas.ts'

/** Takes requests as they come from a socket, without one: each ends in an answer or a clean refusal. */
export class RequestFuzz {
  readonly broker: MemoryBroker
  private readonly log: string[]
  private readonly owner: RequestOwner

  private constructor(broker: MemoryBroker, log: string[]) {
    this.broker = broker
    this.log = log
    const state = {
      id: 1,
      peer: { host: '127.0.0.1', port: 1 },
      listener: 'PLAINTEXT',
      // As if somebody had logged in: others are told nothing about delegation tokens.
      securityProtocol: 'SASL_PLAINTEXT' as const,
      sasl: null,
      principal: 'User:alice',
      clientSoftwareName: '',
      clientSoftwareVersion: '',
    }
    const requestMetrics = broker.table.services.metrics.of(FIRST_NODE).requests
    const ignored = { requestResized: () => {}, waitWhileThereIsRoom: () => () => {}, countTowardsQuotas: () => {} }
    this.owner = { node: FIRST_NODE, state, quotas: noQuotas, requestMetrics, requestDone: finish, ...ignored }
  }

  static async open(seed: number, changes: Readonly<Record<string, string>> = {}): Promise<RequestFuzz> {
    const log: string[] = []
    return new RequestFuzz(await openMemoryBroker(seed, log, changes), log)
  }

  /** What was logged as an error since the last look. */
  takeLog(): readonly string[] {
    return this.log.splice(0)
  }

  /** Whether it was answered, or still may be; what is thrown is a bug. */
  take(frame: Buffer): boolean {
    try {
      const request = dispatch(this.broker.table, this.owner, frame, 0, frame.length)
      if (request.done) finish(request)
      else request.connectionClosed()
      return true
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof RequestRefused)) throw error
      return false
    }
  }
}

function finish(request: ActiveRequest): void {
  if (request.hasResponse) request.encode()
  for (const release of request.takeReleases()) release()
}
