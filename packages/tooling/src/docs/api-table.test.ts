import { apiTable, replaceSection } from './api-table.ts'

test('the table has what works beside what Kafka lists', () => {
  const specs = [
    { key: 3, name: 'Metadata', versions: '0-13' },
    { key: 0, name: 'Produce', versions: '0-13', kafka44: '3-13' },
    { key: 22, name: 'InitProducerId', versions: '0-6', unstable: '6' },
    { key: 76, name: 'ShareGroupHeartbeat', versions: '0-1', kafka44: '1', unstable: '0' },
    { key: 46, name: 'ListPartitionReassignments', versions: '0' },
  ]
  const served = [
    { apiKey: 0, minVersion: 0, maxVersion: 13 },
    { apiKey: 46, minVersion: 0, maxVersion: 0 },
  ]
  expect(
    apiTable(specs, served),
  ).toBe(`2 of the 5 APIs that Kafka 4.4 lists to clients work here, in the versions shown.

| key | API | odradek | Kafka 4.4 |
| --: | --- | --- | --- |
| 0 | Produce | 0-13 | 3-13 |
| 3 | Metadata | not yet | 0-13 |
| 22 | InitProducerId | not yet | 0-5 |
| 46 | ListPartitionReassignments | 0 | 0 |
| 76 | ShareGroupHeartbeat | not yet | 1 |`)
})

test('a section is replaced between its marks, and only there', () => {
  const text = 'a\n<!-- x: written by npm run docs -->\nold\n<!-- end of x -->\nb'
  const replaced = 'a\n<!-- x: written by npm run docs -->\n\nnew\n\n<!-- end of x -->\nb'
  expect(replaceSection(text, 'x', 'new')).toBe(replaced)
  expect(replaceSection(replaced, 'x', 'new')).toBe(replaced)
  expect(() => replaceSection(text, 'y', 'new')).toThrow('no section y')
})
