/** The door of the Twilio carrier. */
export { askTwilio, createTwilioCarrier, type TwilioOptions } from './carrier.ts';
