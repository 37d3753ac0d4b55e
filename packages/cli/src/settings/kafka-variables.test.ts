import { kafkaVariables, keyOfVariable } from './kafka-variables.ts'

test.each([
  ['LOG_RETENTION_MS', 'log.retention.ms'],
  ['LISTENER_NAME_INTERNAL_SSL__X', 'listener.name.internal.ssl_x'],
  ['A___B', 'a-b'],
  ['A____B', 'a-.b'],
  ['A_____B', 'a-_b'],
  ['NODE_ID', 'node.id'],
])('KAFKA_%s stands for %s', (name, key) => {
  expect(keyOfVariable(name)).toBe(key)
})

test('only the image names are taken, and none that the image keeps for itself', () => {
  const settings = kafkaVariables({
    KAFKA_NODE_ID: '4',
    KAFKA_HEAP_OPTS: '-Xmx1g',
    KAFKA_JMX_PORT: '9999',
    KAFKA_: '',
    PATH: '/bin',
    MY_KAFKA_NODE_ID: '5',
    KAFKA_UNSET: undefined,
  })
  expect([...settings]).toEqual([['node.id', { value: '4', origin: 'KAFKA_NODE_ID' }]])
})
