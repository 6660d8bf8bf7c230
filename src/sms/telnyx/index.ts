/** The door of the Telnyx carrier. */
export { askTelnyx, createTelnyxCarrier, type TelnyxOptions } from './carrier.ts';
