import { transformSync } from 'amaro';

export default {
  process: (source) => ({ code: transformSync(source, { mode: 'strip-only' }).code }),
};
