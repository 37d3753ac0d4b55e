/** A handshake message in the clear, which has no place once all is encrypted. */
const OUT_OF_PLACE = Buffer.from([22, 3, 3, 0, 1, 0])

/**
 * To a socket of TLS. Node lets every handshake come to its end, and leaves what becomes of the peer's certificate to its caller, who has no way
 * to send an alert. Without one a client of Kafka takes the refusal for a network that fails, and tries again for ever.
 * OpenSSL sends an alert of its own to whatever it cannot read: it is given something of the kind, as Node itself gives it
 * bytes that had been read before. Emits `_tlsError` when that is done. False: this version of Node has no way in.
 */
export function provokeAlert(socket: object): boolean {
  const handle: unknown = Reflect.get(socket, '_handle')
  const receive: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'receive') : null
  if (typeof receive !== 'function') return false
  receive.call(handle, OUT_OF_PLACE)
  return true
}
