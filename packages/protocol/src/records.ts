export * from './generated/records/cluster-metadata.ts'
export * from './generated/records/consumer-offsets.ts'
export * from './generated/records/embedded.ts'
export * from './generated/records/share-group-state.ts'
export * from './generated/records/transaction-state.ts'
export type { MessageSchema } from './message-schema.ts'
export {
  decodeEmbedded,
  decodeRecordValue,
  encodeMetadataRecord,
  encodeRecordKey,
  encodeRecordValue,
} from './record-framing.ts'
