import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Check, type Finding, fault, warning, well } from './finding.ts';

/** Served only where Synapse's own retention is on, and this experiment, too (MSC1763): its absence says nothing. */
const SERVED_WHEN_ON = '/_matrix/client/unstable/org.matrix.msc1763/retention/configuration';
const TIMEOUT_MS = 10_000;
const DAY_MS = 86_400_000;
/** Synapse's default. */
const USUAL = '7d';

/**
 * Synapse's own retention is off: it would hide and delete messages by their age alone, also STAT that nobody acknowledged and what is under a
 * legal hold (design decision 13); and how long it keeps the content of redacted messages. Neither is in any API for certain: where
 * `homeserver.config_file` is given, the file is asked.
 */
export const homeserverRetention: Check = async ({ config, place, asUser, botUser }) => {
  const file = config.homeserver.config_file;
  const where = place('homeserver.config_file');
  const answer = await asUser?.(botUser)('GET', SERVED_WHEN_ON, { timeoutMs: TIMEOUT_MS }).catch(() => null);
  const isServed = answer?.status === 200;
  if (file === undefined)
    return isServed
      ? [isOn('the homeserver serves its retention policies', 'homeserver.yaml')]
      : [
          well(
            'homeserver-retention',
            `not looked at: whether Synapse's own retention is off, and how long it keeps redacted content; no API says so. Where Wardroom may read homeserver.yaml, name it: ${where}`,
          ),
        ];
  const read = settingsIn(file);
  if (typeof read === 'string')
    return [
      ...(isServed ? [isOn('the homeserver serves its retention policies', file)] : []),
      warning('homeserver-retention', `${file} ${read}`, `name the homeserver's homeserver.yaml, or nothing: ${where}`),
    ];
  const isEnabled = asObject(read.retention).enabled === true;
  return [
    isServed || isEnabled
      ? isOn(isEnabled ? `${file} switches it on` : 'the homeserver serves its retention policies', file)
      : well('homeserver-retention', `Synapse's own retention is off (${file})`),
    redacted(read.redaction_retention_period, file),
  ];
};

const isOn = (how: string, file: string): Finding =>
  fault(
    'homeserver-retention',
    `Synapse's own retention is on (${how}): it hides and deletes STAT messages that nobody acknowledged, and what is under a legal hold`,
    `in ${file}: retention: { enabled: false }, and restart the homeserver; Wardroom deletes by the policy (docs/retention.md)`,
  );

function redacted(set: unknown, file: string): Finding {
  const code = 'homeserver-redacted';
  const shorter = `in ${file}: redaction_retention_period: ${USUAL}, or less; purged messages are gone at once all the same`;
  if (set === null) return warning(code, 'the homeserver keeps the content of redacted messages for good', shorter);
  const period = set ?? USUAL;
  const ms = periodMs(period);
  if (ms === null) return warning(code, `redaction_retention_period in ${file} is no duration`, shorter);
  const what = `the homeserver keeps the content of redacted messages for ${wordsOf(ms)}${set === undefined ? ', as it does where nothing is set' : ''}`;
  return ms > (periodMs(USUAL) ?? 0) ? warning(code, what, shorter) : well(code, what);
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
  y: 365 * DAY_MS,
};

/** As Synapse reads durations: milliseconds, or a number with a unit (`config/_base.py`, parse_duration). */
function periodMs(value: unknown): number | null {
  if (typeof value === 'number') return value;
  const [, number, unit] = /^(\d+)([smhdwy]?)$/.exec(String(value)) ?? [];
  return number === undefined ? null : Number(number) * (unit ? (UNITS[unit] ?? 1) : 1);
}

const wordsOf = (ms: number): string => {
  const days = Math.round((ms / DAY_MS) * 10) / 10;
  return `${days} ${days === 1 ? 'day' : 'days'}`;
};

/** The file's keys, or what is wrong with it. Nothing of it is kept or shown. */
function settingsIn(file: string): Readonly<Record<string, unknown>> | string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
  try {
    const document: unknown = parse(text);
    return typeof document === 'object' && document !== null && 'server_name' in document
      ? (document as Readonly<Record<string, unknown>>)
      : 'is not the configuration of a homeserver';
  } catch {
    return 'is not YAML';
  }
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
