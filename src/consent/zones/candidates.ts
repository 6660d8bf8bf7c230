import { Temporal } from 'temporal-polyfill';
import { phoneDigits } from '../../kernel/phone.ts';
import type { NonEmpty } from '../../kernel/result.ts';
import type { Whereabouts } from '../request.ts';
import { areaCodesByState, areaCodesByZones } from './areaCodes.ts';
import { splitAreaCodes } from './overrides.ts';
import { placeOfZip, stateZones } from './zips.ts';

/**
 * Where somebody may be of whom nothing is known: the states, Puerto Rico and the Virgin Islands. The territories in the Pacific have area codes of
 * their own.
 */
export const UNITED_STATES: NonEmpty<string> = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Phoenix',
  'America/Los_Angeles',
  'America/Anchorage',
  'America/Adak',
  'Pacific/Honolulu',
  'America/Puerto_Rico',
];

export interface Candidates {
  /** A text may go only when it may in each of them. */
  readonly zones: NonEmpty<string>;
  /** Whose law may apply; null: any state's. */
  readonly states: NonEmpty<string> | null;
  /** What said so. */
  readonly from: 'zone' | 'zip' | 'state' | 'number' | 'nothing';
}

/** The stored zone, else that of the ZIP code, else those of the state, else those of the number; who knows nothing takes all. */
export function candidates(to: string, { zone, zip, state }: Whereabouts = {}): Candidates {
  const place = zip === undefined ? null : placeOfZip(zip);
  const number = placesOfNumber(to);
  const states = known(state) ?? (place ? ([place.state] as const) : number.states);
  if (zone !== undefined) {
    // A zone that there is not says nothing, and must not make it laxer.
    return isZone(zone) ? { zones: [zone], states, from: 'zone' } : { zones: UNITED_STATES, states, from: 'nothing' };
  }
  const [first, ...rest] = place?.zones ?? [];
  if (first !== undefined) return { zones: [first, ...rest], states, from: 'zip' };
  const [ofState, ...others] = stateZones[known(state)?.[0] ?? ''] ?? [];
  if (ofState !== undefined) return { zones: [ofState, ...others], states, from: 'state' };
  return number.zones === null
    ? { zones: UNITED_STATES, states, from: 'nothing' }
    : { zones: number.zones, states, from: 'number' };
}

const known = (state: string | undefined): NonEmpty<string> | null => {
  const code = state?.trim().toUpperCase() ?? '';
  return Object.hasOwn(stateZones, code) ? [code] : null;
};

function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    // "+05:00" is no place, and knows no daylight saving time.
    return zone.includes('/') || zone === 'UTC';
  } catch {
    return false;
  }
}

const expand = (table: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(table).flatMap(([value, codes]) => codes.split(' ').map((code) => [code, value] as const)));

const zonesByCode = expand(areaCodesByZones);
const stateByCode = expand(areaCodesByState);

/** Toll-free, short and foreign numbers have no area code of a place. */
function placesOfNumber(to: string): {
  readonly zones: NonEmpty<string> | null;
  readonly states: NonEmpty<string> | null;
} {
  const digits = to.includes('@') ? '' : phoneDigits(to);
  const code = digits.length === 10 && !/^\+(?!1)/.test(to.trim()) ? digits.slice(0, 3) : '';
  const [first, ...rest] = new Set([...(zonesByCode.get(code)?.split(' ') ?? []), ...(splitAreaCodes[code] ?? [])]);
  const state = stateByCode.get(code);
  return { zones: first === undefined ? null : [first, ...rest], states: state === undefined ? null : [state] };
}
