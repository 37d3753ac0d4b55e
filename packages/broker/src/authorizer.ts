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

export type ResourceType = 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID' | 'DELEGATION_TOKEN' | 'USER'

/** The one resource of type CLUSTER. */
export const CLUSTER_RESOURCE = 'kafka-cluster'

/** Decides what a principal may do. Without an authorizer every right is there. */
export interface Authorizer {
  authorize(principal: string, host: string, operation: AclOperation, resource: ResourceType, name: string): boolean
}

export const allowAll: Authorizer = { authorize: () => true }
