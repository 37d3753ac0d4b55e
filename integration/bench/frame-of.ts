import { type Api, encodeFrame, RequestHeader, requestHeaderVersion } from '@odradek/protocol'

/** A request with its size in front, encoded once to be sent many times. */
export function frameOf<Request, Response, RequestInput, ResponseInput>(
  clientId: string,
  api: Api<Request, Response, RequestInput, ResponseInput>,
  version: number,
  request: RequestInput,
): Uint8Array {
  const { chunks } = encodeFrame((writer) => {
    const header = { requestApiKey: api.key, requestApiVersion: version, correlationId: 1, clientId }
    RequestHeader.write(writer, requestHeaderVersion(api.key, version), header)
    api.request.write(writer, version, request)
  })
  return Buffer.concat(chunks)
}
