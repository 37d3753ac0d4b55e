/** Tests run from the TypeScript sources: swc strips the types, packages resolve to their src. */
export default {
  rootDir: '../../..',
  testEnvironment: 'node',
  roots: ['<rootDir>/packages', '<rootDir>/integration'],
  testMatch: ['**/*.test.ts', '**/*.fuzz.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '/target/'],
  transform: {
    // jose has no CommonJS form.
    '^.+\\.ts$|/node_modules/jose/.+\\.js$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  reporters: ['default', '<rootDir>/packages/tooling/jest/suite-times.cjs'],
  testTimeout: 20_000,
  maxWorkers: '100%',
}
