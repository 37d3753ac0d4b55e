import { subscribedTopicsOf } from './consumer-subscription.ts'

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')

describe('subscribedTopicsOf', () => {
  test.each([
    ['version 0', '0000 00000001 0001 74 ffffffff'],
    ['version 1', '0001 00000001 0001 74 ffffffff 00000001 0001 74 00000001 00000000'],
    ['version 2', '0002 00000001 0001 74 ffffffff 00000001 0001 74 00000001 00000000 00000003'],
    ['version 3', '0003 00000001 0001 74 ffffffff 00000001 0001 74 00000001 00000000 00000003 ffff'],
    ['a version to come', '0063 00000001 0001 74 ffffffff 0102030405'],
    ['a version below all', 'ffff 00000001 0001 74 ffffffff'],
    ['kafkajs: user data empty, not null', '0000 00000001 0001 74 00000000'],
  ])('%s', (_name, hex) => {
    expect(subscribedTopicsOf(bytes(hex))).toEqual(['t'])
  })

  test.each([
    ['nothing', ''],
    ['half a version', '00'],
    ['a version alone', '0003'],
    ['a topic cut short', '0000 00000001 0004 74'],
    ['more topics than bytes', '0000 7fffffff'],
    ['no user data', '0000 00000001 0001 74'],
    ['text', Buffer.from('connect').toString('hex')],
  ])('%s is no subscription', (_name, hex) => {
    expect(subscribedTopicsOf(bytes(hex))).toBeNull()
  })
})
