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

test('an address may be as long as addresses get; a longer text is none, and nobody waits for that', () => {
  const longest = '1234:1234:1234:1234:1234:1234:123.123.123.123'
  expect([isAddress(longest), isAddress(`${longest}4`)]).toEqual([true, false])
  const before = process.cpuUsage()
  expect(isAddress(`${':'.repeat(32_766)}!`)).toBe(false)
  // Far more than is needed: it took seconds.
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(200)
})

test('addresses come in their usual form, and the name of this machine has some', async () => {
  expect(await systemHostNames.addressesOf('FD00:0::7')).toEqual(['fd00::7'])
  expect(await systemHostNames.addressesOf('localhost')).not.toEqual([])
})
