/** Sources and tests run as they are written: ES modules, types stripped by Node itself, nothing compiled twice. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['threadline-source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/providers/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.mjs' },
  testTimeout: 30_000,
  maxWorkers: '100%',
  reporters: ['default', '<rootDir>/test/support/count-reporter.mjs'],
};
