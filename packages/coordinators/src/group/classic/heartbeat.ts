import { ErrorCode } from '@odradek/protocol'
import type { HeartbeatCommand } from '../commands.ts'
import type { Turn } from '../turn.ts'
import type { ClassicGroup } from './group.ts'
import { findMember } from './members.ts'
import { restartSession } from './sessions.ts'

export function heartbeat(group: ClassicGroup, command: HeartbeatCommand, turn: Turn): ErrorCode {
  const member = findMember(group, command.memberId, command.groupInstanceId)
  if (typeof member === 'number') return member
  if (command.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  restartSession(group, member, turn)
  return group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}
