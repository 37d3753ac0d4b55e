import {
  type GroupCommand,
  type GroupConfig,
  type GroupResponse,
  GroupShard,
  groupAppendErrorCode,
  groupErrorResponse,
} from '@odradek/coordinators'
import type { Clock, Logger } from '@odradek/core'
import { CoordinatorMachine } from '../coordinator-machine.ts'
import type { LocalPartition } from '../services.ts'

export interface GroupMachineOptions {
  readonly partition: LocalPartition
  readonly clock: Clock
  readonly logger: Logger
  readonly config: () => GroupConfig
}

/** The coordinator of the groups of one partition of `__consumer_offsets`, while one node leads it. */
export class GroupMachine extends CoordinatorMachine<GroupCommand, GroupResponse> {
  constructor({ config, ...options }: GroupMachineOptions) {
    super({
      ...options,
      what: 'groups',
      createShard: () => new GroupShard(config),
      errorResponse: groupErrorResponse,
      appendErrorCode: groupAppendErrorCode,
    })
  }
}
