import type { OversightNotice } from '../flows/incidentsPort.ts';
import type { UserId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { notice, type Piece } from './render.ts';
import { summaryPieces } from './reviews.ts';

/** What privacy and security officers are told. Codes, ids, days and numbers only. `officers` have something to do: it rings for them. */
export const oversightNotice = (told: OversightNotice, officers: readonly UserId[]): Phi<Record<string, unknown>> =>
  new Phi({
    ...notice(piecesOf(told)),
    'm.mentions': officers.length === 0 ? {} : { user_ids: [...officers] },
    'org.wardroom.oversight': partOf(told),
  });

function piecesOf(told: OversightNotice): readonly Piece[] {
  switch (told.kind) {
    case 'draft':
      return [
        `${told.title}: ${told.person}, ${told.day}: ${told.what}. This is the draft ${told.incident} of an incident.`,
        `In the control room: \`!wr incident take ${told.incident} WHY\` if it is one, \`!wr incident dismiss ${told.incident} WHY\` if it is not.`,
      ];
    case 'clock':
      return [
        `${told.incident}: ${clock(told.daysLeft, told.lastDay)}`,
        ...(told.state === 'draft' ? ['It is a draft that nobody has taken over or dismissed.'] : []),
        ...(told.state === 'breach'
          ? ['It is a breach: those whom it concerns have to be told (45 CFR 164.404 to 164.410).']
          : []),
        ...(told.state === 'open' && told.missing > 0
          ? [`${told.missing} of the four factors are not assessed yet.`]
          : []),
        `In the control room: \`!wr incident show ${told.incident}\``,
      ];
    case 'review':
      return [
        ...summaryPieces(told.summary, told.digest),
        `Look at it, then in the control room: \`!wr review sign ${told.summary.review}\``,
      ];
    case 'chase':
      return [
        `${told.review} is not signed, ${told.days} days after the week ended. In the control room: \`!wr review show ${told.review}\`, then \`!wr review sign ${told.review}\``,
      ];
  }
}

function clock(left: number, last: string): string {
  if (left < 0) return `the 60 days were over on ${last}, ${-left} ${left === -1 ? 'day' : 'days'} ago.`;
  if (left === 0) return `today, ${last}, is the last of the 60 days.`;
  return `${left} of the 60 days ${left === 1 ? 'is' : 'are'} left; the last one is ${last}.`;
}

/** For programs. */
function partOf(told: OversightNotice): Readonly<Record<string, unknown>> {
  switch (told.kind) {
    case 'draft':
      return { kind: told.kind, incident: told.incident };
    case 'clock':
      return { kind: told.kind, incident: told.incident, days_left: told.daysLeft };
    case 'review':
      return { kind: told.kind, review: told.summary.review, digest: told.digest };
    case 'chase':
      return { kind: told.kind, review: told.review, days: told.days };
  }
}
