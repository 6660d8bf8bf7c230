import everything from './jest.config.js';

/** The imports' test alone, with no database: part of `npm run check`. */
const { globalSetup, globalTeardown, ...rest } = everything;
export default { ...rest, testMatch: ['<rootDir>/test/architecture.test.ts'] };
