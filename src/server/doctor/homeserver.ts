import { realClock } from '../../kernel/clock.ts';
import { clockFinding } from './clockSkew.ts';
import { type Check, type Finding, fault, warning, well } from './finding.ts';

/** Devices and cross-signing for users of application services without a password need it (matrix-org's MSC4190). */
const OLDEST = [1, 141] as const;
/** The newest that Wardroom was tried with (docker/synapse/requirements.in). */
export const TRIED = [1, 163] as const;
const TIMEOUT_MS = 5_000;

/** The homeserver answers, is new enough, and has the same time. Asked without any token. */
export const homeserver: Check = async ({ config, place }) => {
  const url = config.homeserver.url;
  const where = place('homeserver.url');
  const asked = realClock.now();
  let response: Response;
  try {
    response = await fetch(`${url}/_matrix/client/versions`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    return [fault('homeserver', `no homeserver answers at ${url}`, `start it, or correct its address: ${where}`)];
  }
  const answered = realClock.now();
  const versions = (await response.json().catch(() => null)) as { versions?: unknown } | null;
  if (response.status !== 200 || !Array.isArray(versions?.versions))
    return [
      fault(
        'homeserver',
        `what answers at ${url} is no Matrix homeserver (status ${response.status})`,
        `correct: ${where}`,
      ),
    ];
  return [
    well('homeserver', `a homeserver answers at ${url}`),
    version(response.headers.get('server')),
    ...clock(response.headers.get('date'), asked, answered),
  ];
};

function version(server: string | null): Finding {
  const found = /^Synapse\/(\d+)\.(\d+)/.exec(server ?? '');
  if (!found)
    return warning(
      'homeserver-version',
      'it does not say that it is Synapse, or a proxy hides it',
      `Wardroom was tried with Synapse only; it needs ${OLDEST.join('.')} or newer`,
    );
  const [major, minor] = [Number(found[1]), Number(found[2])];
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  const isUntried = major > TRIED[0] || (major === TRIED[0] && minor > TRIED[1]);
  if (isUntried)
    return warning(
      'homeserver-version',
      `Synapse ${major}.${minor} is newer than any that this Wardroom was tried with (${TRIED.join('.')})`,
      'look whether there is a newer Wardroom, and try both before you rely on them',
    );
  if (!isOld) return well('homeserver-version', `Synapse ${major}.${minor}`);
  return fault(
    'homeserver-version',
    `Synapse ${major}.${minor} cannot give devices to the voices`,
    `upgrade Synapse to ${OLDEST.join('.')} or newer`,
  );
}

/** The header has whole seconds: its time lies in the second after it. */
function clock(date: string | null, asked: number, answered: number): Finding[] {
  const said = Date.parse(date ?? '');
  return Number.isNaN(said) ? [] : [clockFinding('clock', 'the homeserver', { asked, said, answered, grain: 1_000 })];
}
