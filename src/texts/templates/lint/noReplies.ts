import { error, fine, type LintRule } from '../lintRule.ts';

const SAYS =
  /(?:do not|don't|cannot|can't|please do not) (?:reply|respond)|repl(?:y|ies) (?:to this (?:number|text|message) )?(?:are|is) not (?:read|monitored|received)|(?:not|un) ?monitored|no-?reply|cannot receive repl|no (?:responda|conteste)|no se reciben/i;
const OTHER_WAY =
  /opt[ -]?out|stop (?:these |getting |receiving )?(?:texts|messages)|unsubscribe|no recibir|dejar de recibir/i;

/** T7: where replies cannot be received, every text says so and gives another way to opt out. */
export const noReplies: LintRule = {
  cite: '47 CFR 64.1200(a)(10), (11)',
  check: ({ template, literal, slots }) => {
    if (template.replies || template.contentClass === 'page') return fine;
    const other = OTHER_WAY.test(literal) && (slots.includes('phone') || slots.includes('link'));
    return [
      ...(SAYS.test(literal)
        ? fine
        : error('no-reply-unsaid', 'Replies to it cannot be received and it does not say so: "Do not reply".')),
      ...(other
        ? fine
        : error('no-other-opt-out', 'Replies cannot be received: give another way, "To opt out call {phone}".')),
      ...(/(?<![\p{L}])(?:reply|responda) STOP/iu.test(literal)
        ? error('stop-cannot-arrive', 'Asks to reply STOP, and replies cannot be received.')
        : fine),
    ];
  },
};
