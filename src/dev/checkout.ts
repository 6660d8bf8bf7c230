import { fileURLToPath } from 'node:url';

/** The directory of this checkout. */
export const checkout = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
