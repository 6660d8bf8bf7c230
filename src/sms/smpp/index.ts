/** The door of the SMPP carrier. */
export { BIND_LIMITS } from './bind.ts';
export { createSmppCarrier } from './carrier.ts';
export { isLoopback, type SmppFault, type SmppOptions, type SmppTimes, USUAL_TIMES } from './options.ts';
