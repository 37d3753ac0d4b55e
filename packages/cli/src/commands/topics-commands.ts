import { TOPICS_ALTER } from './topics-alter.ts'
import { TOPICS_CREATE } from './topics-create.ts'
import { TOPICS_DELETE } from './topics-delete.ts'
import { TOPICS_DELETE_RECORDS } from './topics-delete-records.ts'
import { TOPICS_DESCRIBE } from './topics-describe.ts'
import { TOPICS_LIST } from './topics-list.ts'
import { TOPICS_OFFSETS } from './topics-offsets.ts'
import type { ClientVerb } from './verb.ts'

export const TOPICS_COMMANDS: readonly ClientVerb[] = [
  TOPICS_LIST,
  TOPICS_DESCRIBE,
  TOPICS_CREATE,
  TOPICS_ALTER,
  TOPICS_DELETE,
  TOPICS_OFFSETS,
  TOPICS_DELETE_RECORDS,
]
