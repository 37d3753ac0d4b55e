import { UnsupportedFieldError } from './wire/protocol-error.ts'

export const zeroUuid = 'AAAAAAAAAAAAAAAAAAAAAA'

/** `value`, which this version cannot leave out. */
export function notNull<T>(value: T | null, field: string, version: number): T {
  if (value === null) throw new UnsupportedFieldError(field, version)
  return value
}
