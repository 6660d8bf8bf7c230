import { realClock } from '../../kernel/clock.ts';
import { deviceFindings } from '../oncall/devices.ts';
import { type Check, type Finding, warning, well } from './finding.ts';

const SHOWN = 10;
const TIMEOUT_MS = 5_000;

/** Everybody who can be called has an account here, and a device that is sent keys: who has none reads no page. */
export const clinicians: Check = async ({ config, asUser, botUser, place }) => {
  if (asUser === null) return [];
  const administrators = new Set<string>(config.control_members);
  const called = new Map(
    Object.entries(config.dispatch.people).flatMap(([key, { mxid }]) =>
      administrators.has(mxid) ? [] : [[key, mxid] as const],
    ),
  );
  if (called.size === 0) return [];
  const { findings: told } = await deviceFindings(config, called, realClock.now(), null);
  if (told.some(({ code, person }) => code === 'not-asked' && person === '')) return [];
  const found = told.filter(({ code }) => code !== 'not-asked');
  const findings: Finding[] = [];
  for (const { person, what } of found.slice(0, SHOWN)) {
    const mxid = called.get(person) ?? '';
    const profile = await asUser(botUser)('GET', `/_matrix/client/v3/profile/${encodeURIComponent(mxid)}`, {
      timeoutMs: TIMEOUT_MS,
    }).catch(() => null);
    findings.push(
      profile?.status === 404
        ? warning(
            'clinicians',
            `${person}: the homeserver has no ${mxid}`,
            `make the account, or mend ${place(`people.${person}.mxid`)}`,
          )
        : warning(
            'clinicians',
            what,
            'they log in with a client and set up cross-signing; until then their tickets are undecryptable',
          ),
    );
  }
  if (found.length > SHOWN) findings.push(warning('clinicians', `and ${found.length - SHOWN} more like these`, ''));
  if (findings.length > 0) return findings;
  return [well('clinicians', `everybody who can be called (${called.size}) can be sent keys`)];
};
