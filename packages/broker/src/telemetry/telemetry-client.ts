import type { RequestContext } from '../request-context.ts'
import type { TelemetryClient } from './client-telemetry.ts'

/** What subscriptions may select the asking client by. */
export function telemetryClientOf({ clientId, connection }: RequestContext): TelemetryClient {
  const attributes = {
    client_id: clientId ?? '',
    client_software_name: connection.clientSoftwareName,
    client_software_version: connection.clientSoftwareVersion,
    client_source_address: connection.peer.host,
    client_source_port: String(connection.peer.port),
  }
  return { connectionId: connection.id, attributes }
}
