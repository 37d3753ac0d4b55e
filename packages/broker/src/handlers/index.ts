import type { Handler } from '../handler.ts'
import { saslHandshake } from './17-sasl-handshake.ts'
import { apiVersions } from './18-api-versions.ts'

/** Every API that is served, one line each: this list is what ApiVersions answers. */
export const handlers: readonly Handler[] = [saslHandshake, apiVersions]
