import { handlers } from '@odradek/broker'
import { GROUPS } from './scenarios/index.ts'

const names = Object.values(GROUPS)
  .flat()
  .map(({ name }) => name)

test.each(handlers.map(({ api, versions }) => [api.name, versions] as const))(
  '%s has scenarios of its own in every version that is listed',
  (api, [min, max]) => {
    const versions = Array.from({ length: max - min + 1 }, (_, index) => min + index)
    expect(versions.filter((version) => !names.some((name) => name.startsWith(`${api} ${version}: `)))).toEqual([])
  },
)
