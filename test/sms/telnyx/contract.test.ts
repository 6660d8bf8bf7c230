import { describeCarrier } from '../../contracts/carrier.ts';
import { openTelnyx } from './words.ts';

describeCarrier('Telnyx', { moods: ['throttle', 'bad-number', 'opted-out', 'hang-up', 'garbage'], open: openTelnyx });
