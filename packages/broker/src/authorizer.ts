/** Kafka's operations and resource types, by their names in acl.json. */
export type AclOperation =
  | 'READ'
  | 'WRITE'
  | 'CREATE'
  | 'DELETE'
  | 'ALTER'
  | 'DESCRIBE'
  | 'CLUSTER_ACTION'
  | 'DESCRIBE_CONFIGS'
  | 'ALTER_CONFIGS'
  | 'IDEMPOTENT_WRITE'
  | 'CREATE_TOKENS'
  | 'DESCRIBE_TOKENS'
  | 'TWO_PHASE_COMMIT'

export type ResourceType = 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID' | 'DELEGATION_TOKEN' | 'USER'

/** The one resource of type CLUSTER. */
export const CLUSTER_RESOURCE = 'kafka-cluster'

/** Decides what a principal may do. Without an authorizer every right is there. */
export interface Authorizer {
  authorize(principal: string, host: string, operation: AclOperation, resource: ResourceType, name: string): boolean
  /** Whether it is allowed on some resource of the type, which need not exist. Without this method: on none. */
  authorizeByResourceType?(principal: string, host: string, operation: AclOperation, resource: ResourceType): boolean
}

export const allowAll: Authorizer = { authorize: () => true, authorizeByResourceType: () => true }
