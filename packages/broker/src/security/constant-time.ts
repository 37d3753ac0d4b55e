import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether two secrets are the same, in a time that depends on neither (CVE-2021-38153). */
export function sameSecret(first: string | Uint8Array, second: string | Uint8Array): boolean {
  return timingSafeEqual(createHash('sha256').update(first).digest(), createHash('sha256').update(second).digest())
}
