/** The door of the Twilio carrier. */
export { createTwilioCarrier, type TwilioOptions } from './carrier.ts';
