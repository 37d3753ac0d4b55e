import { CONFIGS_ALTER } from './configs-alter.ts'
import { CONFIGS_DESCRIBE } from './configs-describe.ts'
import { CONFIGS_LIST } from './configs-list.ts'
import type { ClientVerb } from './verb.ts'

export const CONFIGS_COMMANDS: readonly ClientVerb[] = [CONFIGS_LIST, CONFIGS_DESCRIBE, CONFIGS_ALTER]
