import { type Authorizer, allowAll } from '../authorizer.ts'
import type { ResolvedBrokerConfig } from '../config/resolve-broker-config.ts'
import type { AclView } from './acl-table.ts'
import { StandardAuthorizer } from './standard-authorizer.ts'

/** The one authorizer that there is, by Kafka's name for it. */
const STANDARD_AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'

/** Keys that Kafka leaves to its authorizer to read. */
export const AUTHORIZER_KEYS: ReadonlySet<string> = new Set(['super.users', 'allow.everyone.if.no.acl.found'])

type AuthorizerKeys = Pick<ResolvedBrokerConfig, 'entries' | 'text'>

/** Who may do what, as the keys say. */
export interface AuthorizerSettings {
  readonly isEnabled: boolean
  readonly superUsers: ReadonlySet<string>
  readonly allowEveryoneIfNoAclFound: boolean
}

export function authorizerSettings(config: AuthorizerKeys): AuthorizerSettings {
  const { entries } = config
  const className = config.text('authorizer.class.name') ?? ''
  return {
    isEnabled: className !== '' || config.text('odradek.acls') === 'true',
    superUsers: new Set(superUsersOf(entries.get('super.users'))),
    allowEveryoneIfNoAclFound: entries.get('allow.everyone.if.no.acl.found')?.trim().toLowerCase() === 'true',
  }
}

/** Sentences that name key, value and remedy; without any the settings can be obeyed. */
export function authorizerProblems(entries: ResolvedBrokerConfig['entries']): readonly string[] {
  const problems: string[] = []
  const className = entries.get('authorizer.class.name')?.trim() ?? ''
  if (className !== '' && className !== STANDARD_AUTHORIZER) {
    const why = className.endsWith('.AclAuthorizer')
      ? 'that class kept its ACLs in ZooKeeper, which is gone; its rules are the same'
      : 'classes cannot be loaded into this broker'
    problems.push(`authorizer.class.name=${className}: ${why}; write ${STANDARD_AUTHORIZER}, or leave the key out`)
  }
  for (const user of superUsersOf(entries.get('super.users'))) {
    if (!user.includes(':'))
      problems.push(`super.users: "${user}" has no type; write User:${user}, and a semicolon between two of them`)
  }
  const everyone = entries.get('allow.everyone.if.no.acl.found')
  if (everyone !== undefined && !/^\s*(true|false)\s*$/i.test(everyone))
    problems.push(`allow.everyone.if.no.acl.found=${everyone}: must be true or false`)
  return problems
}

export function authorizerOf(settings: AuthorizerSettings, acls: AclView): Authorizer {
  return settings.isEnabled ? new StandardAuthorizer({ ...settings, index: acls.index }) : allowAll
}

/** A warning for settings under which nobody could ever do anything; null for all others. */
export function lockedOut(settings: AuthorizerSettings, acls: AclView): string | null {
  const { isEnabled, superUsers, allowEveryoneIfNoAclFound } = settings
  if (!isEnabled || superUsers.size > 0 || allowEveryoneIfNoAclFound || acls.size > 0) return null
  return 'nobody may do anything: there are no ACLs, and no super.users who could make them; set super.users=User:NAME'
}

function superUsersOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(';')
    .map((user) => user.trim())
    .filter((user) => user !== '')
}
