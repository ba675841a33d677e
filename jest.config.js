/** Native ESM under Jest: TypeScript is transformed by SWC, `.js` import endings are mapped to sources. */
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*(?<!\\.json))\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/examples/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          target: 'es2022',
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

export default {
  projects: [
    {
      ...base,
      displayName: 'unit',
      roots: ['<rootDir>/src', '<rootDir>/test'],
      testMatch: ['**/src/**/*.spec.ts', '**/test/unit/**/*.spec.ts', '**/test/contract/**/*.spec.ts'],
    },
    {
      ...base,
      displayName: 'e2e',
      roots: ['<rootDir>/test'],
      setupFiles: ['<rootDir>/test/e2e/on-sqlite.ts'],
      testMatch: ['**/test/e2e/**/*.spec.ts', '**/test/faults/**/*.spec.ts'],
    },
    {
      ...base,
      displayName: 'e2e-postgres',
      roots: ['<rootDir>/test'],
      setupFiles: ['<rootDir>/test/e2e/on-postgres.ts'],
      testMatch: ['**/test/e2e/**/*.spec.ts'],
      // What has no part in the store is tried on one pair: commands that fail before they open it, files, tokens, bytes;
      // and what the store contract asks of both, alerts and commands.
      testPathIgnorePatterns: [
        '/e2e/(cli|reload|api-authz|privacy|intake-bodies|alerts|desk-follow-ups)\\.spec\\.ts$',
      ],
    },
  ],
  testTimeout: 60_000,
  // Many suites wait for programs and clocks: a worker per core keeps all of them busy.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/test/longest-first.cjs',
};
