import { fine, no, rule } from '../rule.ts';
import { admitsServer, classOf, isOurs, serverOf } from '../subjects.ts';

const WHAT: Readonly<Record<string, string>> = {
  'never-federates': 'Rooms of this class are for this hospital only.',
  'other-class': 'The agreement with this organisation does not cover this room class.',
  'not-yet': 'The agreement with this organisation has not begun.',
  ended: 'The agreement with this organisation has ended.',
  'not-on-file': 'There is no agreement with this organisation on file.',
};

/** People of another server are let in only where the class federates and an agreement on file says so today. */
export const partnerAgreement = rule({
  name: 'partner-agreement',
  regulation: '45 CFR 164.308(b)(1), 164.504(e)',
  kinds: ['join', 'invite', 'message', 'federate'],
  check: (request, facts) => {
    if ('user' in request && isOurs(request.user, facts)) return fine;
    const server = 'domain' in request ? request.domain : serverOf(request.user);
    const subject = 'room' in request ? request.room : request;
    if (server === null || !classOf(subject.class, facts)) return fine;
    const { admitted, code } = admitsServer(server, subject.class, subject.account, facts);
    return admitted ? fine : no(code, WHAT[code] ?? 'This organisation is not known.');
  },
});
