import { instructionsOf, lastStage } from './dockerfile.ts'

const text = `# a comment
FROM node AS build
ENV A=1
RUN one \\
 && two

FROM node:slim
ENV B=2 \\
    C=3
COPY --from=build /x/a /x/b /y/
COPY LICENSE /z
USER someone
VOLUME /data
HEALTHCHECK --interval=1s CMD ["node", "h"]
ENTRYPOINT ["node", "x"]
CMD []
`

test('lines are joined and comments dropped', () => {
  expect(instructionsOf(text).slice(0, 3)).toEqual([
    { name: 'FROM', text: 'node AS build' },
    { name: 'ENV', text: 'A=1' },
    { name: 'RUN', text: 'one && two' },
  ])
})

test('only the last stage is the image', () => {
  expect(lastStage(text)).toMatchObject({
    environment: { B: '2', C: '3' },
    copies: [
      { fromStage: 'build', sources: ['/x/a', '/x/b'], target: '/y/' },
      { fromStage: null, sources: ['LICENSE'], target: '/z' },
    ],
    entrypoint: ['node', 'x'],
    command: [],
    health: ['node', 'h'],
    user: 'someone',
    volumes: ['/data'],
  })
})

test('a command that a shell would run is refused', () => {
  expect(() => lastStage('FROM a\nENTRYPOINT node x')).toThrow()
})
