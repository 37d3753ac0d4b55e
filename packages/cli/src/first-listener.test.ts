import { firstListener } from './first-listener.ts'

test.each([
  ['PLAINTEXT://:9092', '', '127.0.0.1', 9092],
  ['PLAINTEXT://localhost:1', '', '127.0.0.1', 1],
  ['HOST://0.0.0.0:9092,NETWORK://0.0.0.0:19092', '', '127.0.0.1', 9092],
  ['CONTROLLER://:9093, A://10.0.0.7:2', 'controller', '10.0.0.7', 2],
  ['A://[::1]:3', '', '::1', 3],
  ['A://[::]:3', '', '127.0.0.1', 3],
])('%s without %j is at %s %d', (listeners, controllers, host, port) => {
  expect(firstListener(listeners, controllers, '')).toEqual({ host, port, isEncrypted: false })
})

test('no listener, and one on any port, cannot be asked', () => {
  expect(() => firstListener('CONTROLLER://:9093', 'CONTROLLER', '')).toThrow('names no listener for clients')
  expect(() => firstListener('PLAINTEXT://localhost:0', '', '')).toThrow('name it by --port')
})

test.each([
  ['SSL://:1', 'PLAINTEXT:PLAINTEXT,SSL:SSL', true],
  ['SASL_SSL://:1', '', true],
  ['SASL_PLAINTEXT://:1', '', false],
  ['SECRET://:1', 'OPEN:PLAINTEXT, secret:SASL_SSL', true],
  ['OPEN://:1', 'OPEN:PLAINTEXT,SECRET:SASL_SSL', false],
])('%s with %j is encrypted: %s', (listeners, map, isEncrypted) => {
  expect(firstListener(listeners, '', map)).toMatchObject({ isEncrypted })
})
