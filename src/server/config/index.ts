/** The configuration's door: what other parts may import. */
export { type Config, completeConfig } from './config.ts';
export { type Dispatch, dispatchSchema } from './dispatch.ts';
export { type Fault, faultLine } from './fault.ts';
export { loadConfig } from './loadConfig.ts';
export { serverOf } from './people.ts';
export { placesOf } from './places.ts';
export { type PolicyFile, policyProblems } from './readPolicyFile.ts';
export type { CarrierSettings, LineSettings, TextingSettings } from './textingSettings.ts';
