/** jest on ESM: sources run as they are, types stripped by amaro (the stripper inside Node). */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': './test/strip-types.js' },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.cache/'],
  modulePathIgnorePatterns: ['<rootDir>/.cache/', '<rootDir>/.wardroom/'],
  testSequencer: '<rootDir>/test/support/sequencer.js',
  reporters: ['default', '<rootDir>/test/support/closingLine.js'],
  // The first test that needs the homeserver may have to install it.
  testTimeout: 300_000,
  // One file after the other: the end-to-end tests share one hospital.
  maxWorkers: 1,
  // The people's Matrix clients may leave timers of minutes behind when they stop.
  forceExit: true,
  globalSetup: '<rootDir>/test/support/globalSetup.ts',
  globalTeardown: '<rootDir>/test/support/globalTeardown.ts',
};
