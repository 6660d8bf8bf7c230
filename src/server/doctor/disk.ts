import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Check, fault, warning, well } from './finding.ts';

const GIB = 2 ** 30;
const LITTLE = 5 * GIB;
const TOO_LITTLE = GIB;

/** Room where Wardroom keeps files; the database's own disk is its administrator's to watch. */
export const disk: Check = async ({ config, place }) => {
  let path = config.data_dir;
  while (!existsSync(path) && path !== dirname(path)) path = dirname(path);
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const what = `${(free / GIB).toFixed(1)} GiB are free for ${config.data_dir}`;
  const remedy = `make room, or choose another disk: ${place('data_dir')}`;
  if (free < TOO_LITTLE) return [fault('disk', what, remedy)];
  if (free < LITTLE) return [warning('disk', what, remedy)];
  return [well('disk', what)];
};
