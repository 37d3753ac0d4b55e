import { type OnReadOpts, Socket } from 'node:net'

/** Takes what a socket receives. Both methods return whether reading may go on; `resume` on the socket continues it. */
export interface SocketReceiver {
  /** Where the next read belongs. */
  target(): Uint8Array
  /** `count` bytes were read into `buffer`, which `target` gave. */
  received(count: number, buffer: Uint8Array): boolean
  /** Bytes in a chunk of the socket's own. */
  receivedChunk(chunk: Uint8Array): boolean
}

/**
 * Starts reading an accepted, paused socket into the receiver's own buffers, which costs a third of what the chunks of
 * 'data' cost. Node has this for client sockets only, so the connection's handle moves to a new socket; where that
 * cannot be done the accepted socket is read by 'data'. Returns the socket to use from here on.
 */
export function receiveFrom(accepted: Socket, receiver: SocketReceiver, ownBuffers = true): Socket {
  const handle: unknown = Reflect.get(accepted, '_handle')
  if (!ownBuffers || !canReadIntoBuffers(handle)) return receiveChunks(accepted, receiver)
  const onread: OnReadOpts = {
    buffer: () => receiver.target(),
    callback: (count, buffer) => receiver.received(count, buffer),
  }
  const options = { handle, onread, allowHalfOpen: true }
  const socket = new Socket(options)
  // The first socket is an empty shell now; destroying it takes it off the server's count of connections.
  Reflect.set(accepted, '_handle', null)
  accepted.destroy()
  return socket
}

function receiveChunks(socket: Socket, receiver: SocketReceiver): Socket {
  socket.on('data', (chunk: Uint8Array) => {
    if (!receiver.receivedChunk(chunk)) socket.pause()
  })
  socket.resume()
  return socket
}

/** The property is Node's own and undocumented (there in 20 to 24), hence the look before it is used. */
function canReadIntoBuffers(handle: unknown): handle is object {
  return typeof handle === 'object' && handle !== null && typeof Reflect.get(handle, 'useUserBuffer') === 'function'
}
