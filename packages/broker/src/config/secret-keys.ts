import { brokerConfigs, listenerBaseKey } from './broker-configs.ts'

/** Whether a key's value, given for all listeners or one, is a password or a private key. */
export function isSecretKey(key: string): boolean {
  return brokerConfigs.get(listenerBaseKey(key) ?? key)?.type === 'PASSWORD'
}
