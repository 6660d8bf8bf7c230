import { describeCarrier } from '../../contracts/carrier.ts';
import { openTwilio } from './words.ts';

describeCarrier('Twilio', { moods: ['throttle', 'bad-number', 'opted-out', 'hang-up', 'garbage'], open: openTwilio });
