import { isAddress, systemHostNames } from './host-names.ts'

test.each(['10.0.0.1', '255.255.255.255', '::1', 'fd00::7', '::ffff:10.0.0.1', '2001:DB8::1'])(
  '%s is an address',
  async (name) => {
    expect(isAddress(name)).toBe(true)
    expect(await systemHostNames.addressesOf(name)).toHaveLength(1)
  },
)

test.each(['localhost', '256.0.0.1', '1', 'a.b.c.d', 'kafka:9092', ''])('%s is none', (name) => {
  expect(isAddress(name)).toBe(false)
})

test('addresses come in their usual form, and the name of this machine has some', async () => {
  expect(await systemHostNames.addressesOf('FD00:0::7')).toEqual(['fd00::7'])
  expect(await systemHostNames.addressesOf('localhost')).not.toEqual([])
})
