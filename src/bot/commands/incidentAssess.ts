import { Phi } from '../../kernel/phi.ts';
import { err, ok } from '../../kernel/result.ts';
import { unknown } from '../arguments.ts';
import type { Command } from '../command.ts';
import { FACTORS, incidentNamed, incidentNeeds, incidentReasons, LEVELS } from '../incidents.ts';

export const incidentAssess: Command = {
  name: 'incident assess',
  takes: ['ID', 'FACTOR', 'LEVEL'],
  options: { because: 'TEXT' },
  summary: `assesses one of the four factors of a breach (45 CFR 164.402(2)): ${FACTORS.join(', ')}; low, medium or high risk, and why`,
  needs: incidentNeeds,
  examples: [
    {
      say: 'incident assess INC-7 information medium --because two first names and a room number',
      does: '(i) nature and extent of the information',
    },
    {
      say: 'incident assess INC-7 recipient low --because a nurse of the same unit',
      does: '(ii) who could have used it',
    },
    {
      say: 'incident assess INC-7 acquired low --because no key reached the device',
      does: '(iii) was it acquired or viewed',
    },
    {
      say: 'incident assess INC-7 mitigated low --because wiped within the hour',
      does: '(iv) how far the risk was mitigated: low when it was; said again, the latest counts',
    },
  ],
  needsIdentity: true,
  reasons: incidentReasons,
  prepare(given, { incidents }) {
    const id = incidentNamed(given);
    if (!id.ok) return id;
    const factor = FACTORS.find((one) => one === given.word('FACTOR').toLowerCase());
    if (factor === undefined) return err({ ...unknown('FACTOR', given.word('FACTOR'), FACTORS), known: FACTORS });
    const level = LEVELS.find((one) => one === given.word('LEVEL').toLowerCase());
    if (level === undefined) return err({ ...unknown('LEVEL', given.word('LEVEL'), LEVELS), known: LEVELS });
    const because = given.option('because');
    if (because === null) return err({ argument: '--because', why: 'missing' });
    return ok((tx, order) => incidents.assess(tx, order, id.value, factor, level, new Phi(because)));
  },
  say({ incident, factors, missing }) {
    const done = Object.entries(factors as Readonly<Record<string, string>>);
    const open = missing as readonly string[];
    return [
      `${String(incident)}: ${done.map(([name, level]) => `${name} ${level}`).join(', ')}.`,
      open.length === 0 ? 'All four factors are assessed: it can be decided.' : `Missing: ${open.join(', ')}.`,
    ];
  },
};
