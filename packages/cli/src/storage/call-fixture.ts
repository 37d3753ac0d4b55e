import { connect } from 'node:net'
import {
  type Api,
  encodeFrame,
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'

/** Sends one request on a connection of its own; resolves with the answer as a client decodes it. For tests. */
export async function call<Request, Response, RequestInput, ResponseInput>(
  port: number,
  api: Api<Request, Response, RequestInput, ResponseInput>,
  version: number,
  request: RequestInput,
): Promise<Response> {
  const { chunks } = encodeFrame((writer) => {
    const header = { requestApiKey: api.key, requestApiVersion: version, correlationId: 1, clientId: 'test' }
    RequestHeader.write(writer, requestHeaderVersion(api.key, version), header)
    api.request.write(writer, version, request)
  })
  const reader = new Reader(await answerTo(port, Buffer.concat(chunks)))
  ResponseHeader.read(reader, responseHeaderVersion(api.key, version))
  return api.response.read(reader, version)
}

function answerTo(port: number, frame: Uint8Array): Promise<Buffer> {
  return new Promise((answered, failed) => {
    const socket = connect(port, 'localhost')
    let bytes = Buffer.alloc(0)
    socket.once('connect', () => socket.write(frame))
    socket.once('error', failed)
    socket.once('close', () => failed(new Error('closed without an answer')))
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.length < 4 || bytes.length < bytes.readInt32BE(0) + 4) return
      answered(bytes.subarray(4))
      socket.destroy()
    })
  })
}
