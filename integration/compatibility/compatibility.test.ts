import { readdirSync } from 'node:fs'
import { titlesIn } from '../harness/titles.ts'
import { CASES } from './cases.ts'

const CASES_COUNT = 78

test('the cases are numbered without a gap', () => {
  expect(CASES.map(({ number }) => number)).toEqual(Array.from({ length: CASES_COUNT }, (_, index) => index + 1))
})

test.each(CASES.map((one) => [one.number, one.expected, one.proofs] as const))(
  '%i: %s',
  (_number, _expected, proofs) => {
    expect(proofs.length).toBeGreaterThan(0)
    expect(proofs.filter(([path, title]) => !titlesIn(path).has(title))).toEqual([])
  },
)

test('each test that has the number of a case is named by that case', () => {
  const here = 'integration/compatibility'
  for (const file of readdirSync(here).filter((name) => name.endsWith('.test.ts'))) {
    for (const title of titlesIn(`${here}/${file}`)) {
      const numbers = /^compatibility ([\d, ]+):/.exec(title)?.[1] ?? ''
      for (const number of numbers === '' ? [] : numbers.split(', ')) {
        const proofs = CASES[Number(number) - 1]?.proofs ?? []
        expect(proofs).toContainEqual([`${here}/${file}`, title])
      }
    }
  }
})
