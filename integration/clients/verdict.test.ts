import { faultsOf, resultsOf } from './verdict.ts'

const results = (...lines: readonly string[]) => resultsOf(lines)

describe('a program is right', () => {
  it('with the expected lines in any order', () => {
    expect(faultsOf(results('gzip: 20', 'create: 3'), results('create: 3', 'gzip: 20'))).toEqual([])
  })

  it.each([
    ['another result', ['gzip: 19'], { step: 'gzip', expected: '20', got: '19' }],
    ['no line', [], { step: 'gzip', expected: '20', got: '(nothing)' }],
    ['a line twice', ['gzip: 20', 'gzip: 20'], { step: 'gzip', expected: '20', got: '20, then 20' }],
  ])('but not with %s', (_, lines, fault) => {
    expect(faultsOf(results('gzip: 20'), results(...lines))).toEqual([fault])
  })

  it('but not with a step that it is said not to have, nor with a line of another form', () => {
    const faults = faultsOf(results('gzip: 20'), results('gzip: 20', 'zstd: 20', 'Traceback'))
    expect(faults.map(({ step }) => step)).toEqual(['zstd', 'Traceback'])
  })
})
