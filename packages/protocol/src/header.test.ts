import { ApiVersions, Metadata, OffsetDelete, SaslHandshake } from './generated/apis.ts'
import {
  apiByKey,
  readRequestHeader,
  requestHeaderVersion,
  responseHeaderVersion,
  writeResponseHeader,
} from './header.ts'
import { ProtocolError } from './wire/protocol-error.ts'
import { Reader } from './wire/reader.ts'
import { Writer } from './wire/writer.ts'

function reader(hex: string): Reader {
  return new Reader(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

test('an ApiVersions response has header 0 in every version, so that any client can read it', () => {
  expect([0, 2, 3, 5, 99].map((version) => responseHeaderVersion(ApiVersions.key, version))).toEqual([0, 0, 0, 0, 0])
  expect([0, 2, 3, 5, 99].map((version) => requestHeaderVersion(ApiVersions.key, version))).toEqual([1, 1, 2, 2, 2])
})

test('keys without a flexible version keep the old headers', () => {
  for (const { key } of [SaslHandshake, OffsetDelete]) {
    expect([requestHeaderVersion(key, 9), responseHeaderVersion(key, 9)]).toEqual([1, 0])
  }
})

test('the header of a request selects its own version; the client id is never compact', () => {
  const from = reader('0012 0003 00000001 0001 63 00 02 78 04 312e30 00')
  expect(readRequestHeader(from)).toEqual({ requestApiKey: 18, requestApiVersion: 3, correlationId: 1, clientId: 'c' })
  expect(ApiVersions.request.read(from, 3)).toEqual({
    clientSoftwareName: 'x',
    clientSoftwareVersion: '1.0',
    clusterId: null,
    nodeId: -1,
  })
  const old = reader('0003 0001 00000007 ffff ffffffff')
  expect(readRequestHeader(old).clientId).toBeNull()
  expect(Metadata.request.read(old, 1).topics).toBeNull()
})

test('a newer ApiVersions than we know is still read with its tags, and refused without them', () => {
  expect(readRequestHeader(reader('0012 0063 00000001 ffff 00')).requestApiVersion).toBe(99)
  expect(() => readRequestHeader(reader('0012 0063 00000001 ffff'))).toThrow(ProtocolError)
})

test('the header of an unknown key can be read, so that its closing can be explained', () => {
  expect(readRequestHeader(reader('7fff 0000 00000005 0000'))).toMatchObject({ requestApiKey: 32767, clientId: '' })
  expect(apiByKey(32767)).toBeUndefined()
})

test('a response header echoes the correlation id', () => {
  const hex = (key: number, version: number) => {
    const writer = new Writer()
    writeResponseHeader(writer, key, version, 7)
    return Buffer.from(writer.toBytes()).toString('hex')
  }
  expect([hex(12, 3), hex(12, 4), hex(18, 4)]).toEqual(['00000007', '0000000700', '00000007'])
})
