import { type NodeRequest, nodeRequests, type ResolvedBrokerConfig } from '@odradek/broker'
import { randomUuid } from '@odradek/core'
import { askBroker, locked } from './ask-broker.ts'
import type { Host } from './host.ts'
import { UsageError } from './usage-error.ts'

export type NodeAction = NodeRequest['action']

const DONE: Readonly<Record<NodeAction, string>> = { stop: 'is stopped', start: 'runs' }

/** `odradek node stop ID`: asks the broker that uses the data directory. Resolves with the exit code. */
export async function switchNode(
  host: Host,
  config: ResolvedBrokerConfig,
  action: NodeAction,
  text: string,
): Promise<number> {
  if (!/^\d{1,10}$/.test(text)) throw new UsageError(`node ${action} ${text}: write the id of a node, for example 2`)
  const directories = directoriesOf(config)
  const locks = locked(host.fs, directories)
  if (locks !== null) {
    for (const lock of locks) lock.release()
    throw new Error(`no broker uses ${directories.join()}; name its directory with --data-dir`)
  }
  const request = { id: randomUuid(host.prng), node: Number(text), action }
  const failures = {
    asked: 'another node is being stopped or started; give the command again when that is done',
    ended: 'the broker ended before it had answered',
    notTaken: 'the broker has not taken the request: it is busy, or of a version that cannot stop single nodes',
  }
  const answer = await askBroker(host, directories, nodeRequests, request, failures, (message) => new Error(message))
  if (!answer.ok) throw new Error(answer.message)
  host.stdout(`node ${request.node} ${DONE[action]}\n`)
  return 0
}

function directoriesOf(config: ResolvedBrokerConfig): readonly string[] {
  if (config.text('odradek.ephemeral') === 'true') {
    throw new UsageError('a broker that keeps everything in memory has no directory through which it could be asked')
  }
  const text = config.text('log.dirs') ?? config.text('log.dir') ?? ''
  return text.split(',').flatMap((directory) => directory.trim() || [])
}
