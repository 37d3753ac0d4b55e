import type { Acl } from '../acls/acl.ts'
import type { ScramCredentials } from '../security/scram-credentials.ts'
import type { QuotaEntity } from './client-quota.ts'
import type { DraftBase, DraftConfigs, ImageDraft } from './image-draft.ts'

/** What texts are counted against. */
type TextBase = Pick<DraftBase, 'configsOf' | 'clientQuotas'> & { readonly scramCredentials: ScramCredentials }

/** Names and values that clients make up as they like: what they can make the metadata large by. */
export function configTextBytes({
  name,
  configs,
}: Pick<DraftConfigs, 'name'> & { configs: ReadonlyMap<string, string> }) {
  if (configs.size === 0) return 0
  let bytes = Buffer.byteLength(name)
  for (const [key, value] of configs) bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  return bytes
}

export function aclTextBytes({ resourceName, principal, host }: Acl): number {
  return Buffer.byteLength(resourceName) + Buffer.byteLength(principal) + Buffer.byteLength(host)
}

export function quotaTextBytes(entity: QuotaEntity): number {
  return entity.reduce((sum, { name }) => sum + (name === null ? 0 : Buffer.byteLength(name)), 0)
}

/** What `draft` adds to them; below 0 when it takes some away. What deleted ACLs and credentials had is not taken off. */
export function addedTextBytes(draft: ImageDraft, base: TextBase): number {
  let bytes = 0
  for (const after of draft.configs.values()) {
    const { type, name } = after
    bytes += configTextBytes(after) - configTextBytes({ name, configs: base.configsOf(type, name) })
  }
  for (const acl of draft.acls.values()) bytes += acl === null ? 0 : aclTextBytes(acl)
  for (const [key, { entity, values }] of draft.clientQuotas.changed) {
    const isThere = base.clientQuotas.get(key) !== undefined
    if (isThere !== values.size > 0) bytes += isThere ? -quotaTextBytes(entity) : quotaTextBytes(entity)
  }
  for (const { name, credential } of draft.scram) {
    if (credential !== null && base.scramCredentials.of(name).size === 0) bytes += Buffer.byteLength(name)
  }
  return bytes
}
