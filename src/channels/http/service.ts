import type { Response } from 'express';
import type { ServiceId } from '../../kernel/ids.ts';

/** Which service is asking: put there by the authentication that stands before the routes. */
export const serviceOf = (response: Response): ServiceId => response.locals.caller as ServiceId;
