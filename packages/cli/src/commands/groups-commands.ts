import { GROUPS_DELETE } from './groups-delete.ts'
import { GROUPS_DELETE_OFFSETS } from './groups-delete-offsets.ts'
import { GROUPS_DESCRIBE } from './groups-describe.ts'
import { GROUPS_LIST } from './groups-list.ts'
import { GROUPS_RESET_OFFSETS } from './groups-reset-offsets.ts'
import type { ClientVerb } from './verb.ts'

export const GROUPS_COMMANDS: readonly ClientVerb[] = [
  GROUPS_LIST,
  GROUPS_DESCRIBE,
  GROUPS_DELETE,
  GROUPS_RESET_OFFSETS,
  GROUPS_DELETE_OFFSETS,
]
