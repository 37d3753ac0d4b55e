/** Kafka's names. */
export const SECURITY_PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const

export type SecurityProtocol = (typeof SECURITY_PROTOCOLS)[number]

export const hasTls = (protocol: SecurityProtocol): boolean => protocol === 'SSL' || protocol === 'SASL_SSL'

export const hasSasl = (protocol: SecurityProtocol): boolean => protocol.startsWith('SASL_')
