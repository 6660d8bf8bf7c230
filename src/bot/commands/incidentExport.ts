import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { incidentNamed, incidentNeeds, incidentReasons } from '../incidents.ts';

export const incidentExport: Command = {
  name: 'incident export',
  takes: ['ID'],
  summary: 'prints the worksheet of an incident and sends it, encrypted, to the privacy officers’ room',
  needs: incidentNeeds,
  examples: [
    {
      say: 'incident export INC-7',
      does: 'a PDF with all that is on file; its SHA-256 is in the answer and in the audit log',
    },
  ],
  needsIdentity: true,
  reasons: {
    ...incidentReasons,
    'too-large': 'The homeserver takes no file of this size: raise `max_upload_size` there.',
  },
  prepare(given, { worksheets }) {
    const id = incidentNamed(given);
    return id.ok ? ok((tx) => worksheets.export(tx, id.value)) : id;
  },
  finish: (data, { worksheets }, given) => worksheets.finishExport(data, given),
  say: ({ incident, digest }) => [
    `The worksheet of ${String(incident)} is in the room of the privacy and security officers (in this one where nobody is such).`,
    `SHA-256 of the PDF: \`${String(digest)}\``,
  ],
};
