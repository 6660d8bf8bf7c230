/**
 * When states let a solicitation arrive (rule T9), stricter than the federal 8:00 to 21:00. Vendors' tables, which disagree: where they do, the strictest
 * stands. Read again before a release that sends marketing. A = help page of a vendor of text campaigns, B = guide of a voicemail vendor
 * (2025-11-01), C = page of a lead vendor (reviewed July 2025).
 */
export interface StateHours {
  readonly state: string;
  /** Applies from this day on: of the statute where it is known, else of the table. */
  readonly from: string;
  readonly source: string;
  /** Hours of the day, up to but not including the second; null: none. Monday to Friday, Saturday, Sunday. */
  readonly weekdays: Span;
  readonly saturday: Span | null;
  readonly sunday: Span | null;
  /** Whether there are none on federal holidays; the state's own are not known here. */
  readonly notOnHolidays?: true;
  /** At most so many in 24 hours to one person. */
  readonly perDay?: number;
}
export type Span = readonly [from: number, until: number];

const every = (state: string, from: string, source: string, span: Span): StateHours => ({
  state,
  from,
  source,
  weekdays: span,
  saturday: span,
  sunday: span,
});

export const stateHours: readonly StateHours[] = [
  { ...every('AL', '2025-07-01', 'B, C', [8, 20]), sunday: null, notOnHolidays: true },
  every('CT', '2025-07-01', 'A, B; C says 9-21', [9, 20]),
  { ...every('FL', '2021-07-01', 'A, B, C; Fla. Stat. 501.616(6)', [8, 20]), perDay: 3 },
  every('IL', '2025-07-01', 'B says 8-21, C 9-21 for prerecorded', [9, 21]),
  every('KY', '2025-07-01', 'B, C', [10, 21]),
  { ...every('LA', '2025-07-01', 'B, C', [8, 20]), sunday: null, notOnHolidays: true },
  every('MA', '2025-07-01', 'B, C', [8, 20]),
  every('MD', '2025-07-01', 'A, B', [8, 20]),
  every('MI', '2025-11-01', 'B', [9, 21]),
  every('MN', '2025-11-01', 'B', [9, 21]),
  every('NM', '2025-11-01', 'B', [9, 21]),
  { ...every('MS', '2025-07-01', 'A, B; B: Central Time, no Sunday', [8, 20]), sunday: null },
  every('NJ', '2025-07-01', 'A', [8, 20]),
  every('NV', '2025-11-01', 'B', [9, 20]),
  { ...every('OK', '2022-11-01', 'A, B; Okla. Stat. tit. 15, 775C.4', [8, 20]), perDay: 3 },
  { ...every('RI', '2025-07-01', 'A, B', [9, 18]), saturday: [10, 17], sunday: [10, 17] },
  { ...every('TX', '2025-09-01', 'A; SB 140', [9, 21]), sunday: [12, 21] },
];
