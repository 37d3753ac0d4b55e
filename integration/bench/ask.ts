import { connect } from 'node:net'

/** Sends one frame on a connection of its own and resolves with the answer, size included. */
export function ask(address: { readonly host: string; readonly port: number }, frame: Uint8Array): Promise<Buffer> {
  return new Promise((answered, failed) => {
    const socket = connect(address)
    let bytes = Buffer.alloc(0)
    socket.once('connect', () => socket.write(frame))
    socket.once('error', failed)
    socket.once('close', () => failed(new Error('closed without an answer')))
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.length < 4 || bytes.length < bytes.readInt32BE(0) + 4) return
      answered(bytes)
      socket.destroy()
    })
  })
}
