import { realClock } from '../../kernel/clock.ts';
import { type Check, type Finding, fault, warning, well } from './finding.ts';

/** Devices and cross-signing for users of application services without a password need it (matrix-org's MSC4190). */
const OLDEST = [1, 141] as const;
const TIMEOUT_MS = 5_000;
const WARN_SKEW_MS = 2_000;
const MAX_SKEW_MS = 30_000;

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
  if (!isOld) return well('homeserver-version', `Synapse ${major}.${minor}`);
  return fault(
    'homeserver-version',
    `Synapse ${major}.${minor} cannot give devices to the voices`,
    `upgrade Synapse to ${OLDEST.join('.')} or newer`,
  );
}

function clock(date: string | null, asked: number, answered: number): Finding[] {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return [];
  // The header has whole seconds: its time lies in the second after it.
  const skew = Math.max(0, theirs - answered, asked - (theirs + 1_000));
  const what = `the clocks of Wardroom and the homeserver differ by ${(skew / 1000).toFixed(0)} s`;
  const remedy =
    'let both machines follow the same time servers (NTP): ladders, receipts and signatures go by the clock';
  if (skew > MAX_SKEW_MS) return [fault('clock', what, remedy)];
  if (skew > WARN_SKEW_MS) return [warning('clock', what, remedy)];
  return [well('clock', 'Wardroom and the homeserver have the same time')];
}
