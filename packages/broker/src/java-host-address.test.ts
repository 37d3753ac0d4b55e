import { javaHostAddress } from './java-host-address.ts'

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '0:0:0:0:0:0:0:1'],
  ['::', '0:0:0:0:0:0:0:0'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:10.0.0.1', '10.0.0.1'],
  ['2001:db8::8:800:200C:417a', '2001:db8:0:0:8:800:200c:417a'],
  ['2001:0db8:0000:0000:0008:0800:200c:417a', '2001:db8:0:0:8:800:200c:417a'],
  ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1%eth0'],
  ['fe80::', 'fe80:0:0:0:0:0:0:0'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['', ''],
  ['not:an address', 'not:an address'],
])('%s is written %s', (address, expected) => {
  expect(javaHostAddress(address)).toBe(expected)
})
