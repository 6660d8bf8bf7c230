/** The local carrier's door. */
export { createLocalCarrier, type LocalCarrier, type LocalCarrierOptions } from './carrier.ts';
