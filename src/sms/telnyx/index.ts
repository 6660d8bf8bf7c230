/** The door of the Telnyx carrier. */
export { createTelnyxCarrier, type TelnyxOptions } from './carrier.ts';
