import type { NodeId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import type { ConfigResourceType } from '../metadata/controller.ts'
import type { RequestContext } from '../request-context.ts'

const CODES: Readonly<Record<ConfigResourceType, number>> = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
}

const TYPES: readonly ConfigResourceType[] = ['TOPIC', 'BROKER', 'BROKER_LOGGER', 'CLIENT_METRICS', 'GROUP']

/** What configs belong to, by the wire's number; undefined for a number that is none. */
export function configResourceOf(code: number): ConfigResourceType | undefined {
  return TYPES.find((type) => CODES[type] === code)
}

/** Whether `name` is the id of `node`, as Java reads a number: "+1" and "01" are 1. */
export function isNameOf(node: NodeId, name: string): boolean {
  return /^[+-]?\d{1,19}$/.test(name) && Number(name) === node
}

export function configResourceCode(type: ConfigResourceType): number {
  return CODES[type]
}

/** The error of a principal that may not do `operation` with the resource's configs; NONE when it may. */
export function authorizeConfigs(
  context: RequestContext,
  operation: 'DESCRIBE_CONFIGS' | 'ALTER_CONFIGS',
  type: ConfigResourceType,
  name: string,
): ErrorCode {
  switch (type) {
    case 'TOPIC':
      return context.authorize(operation, 'TOPIC', name) ? ErrorCode.NONE : ErrorCode.TOPIC_AUTHORIZATION_FAILED
    case 'GROUP':
      return context.authorize(operation, 'GROUP', name) ? ErrorCode.NONE : ErrorCode.GROUP_AUTHORIZATION_FAILED
    default:
      return context.authorize(operation, 'CLUSTER', CLUSTER_RESOURCE)
        ? ErrorCode.NONE
        : ErrorCode.CLUSTER_AUTHORIZATION_FAILED
  }
}
