import type { CommandAnswer } from '../flows/commandsPort.ts';
import type { EventId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';

/** Why, and what to do about it, for every code of a refusal. */
const reasons: Readonly<Record<string, string>> = {
  'not-admin': 'Only administrators give commands. Who is one stands in the configuration, `control.members`.',
  'unverified-device':
    'This device is not signed by your identity. Verify it in your client (or with your recovery key), then say it again.',
  'identity-changed':
    'Your identity is not the one that is pinned for you: your commands are suspended until another administrator confirms the new one.',
  'unknown-command': 'There is no such command. `!wr help` shows them all.',
  'needs-second-person': 'Nobody confirms themselves: another administrator has to.',
  'not-confirmed': 'Your own identity is not confirmed yet. A confirmed administrator has to confirm it first.',
  'bad-argument': 'That cannot be meant',
  'no-ticket': 'There is no open ticket of yours here. Say it in the thread of the ticket.',
  'which-ticket': 'Several tickets could be meant. Say it in the thread of the one you mean.',
  'not-yours': 'This ticket is not yours to answer: nobody called you for it.',
  'heard-late': 'This was heard more than ten minutes after you said it. Say it again, in the thread of the ticket.',
  'ticket-closed': 'The ticket is closed.',
  'already-taken': 'A colleague has taken the ticket.',
  'no-such-colleague': 'Nobody of that name may take this ticket. Name one colleague by Matrix id.',
  'no-account': 'There is no such account, or you are not part of it.',
};

/** The one moment that the confirming is for. */
const ANOTHER_IDENTITY =
  'This is NOT the identity that Wardroom sees for them. Do not confirm anything: ring them and compare again, from their own client. ' +
  'If it still differs, somebody may stand between.';

/** A command as people call it, and how it says its answer. */
export interface Called {
  readonly call: string;
  say(data: CommandAnswer['data']): readonly string[];
}

/** The content of an answer: a reply to the command, for people and for programs (contract.md, "Bot"). */
export function answerContent(
  answer: CommandAnswer,
  command: Called | null,
  to: { readonly event: EventId; readonly thread: EventId | null },
): Phi<Record<string, unknown>> {
  const { outcome, code, data } = answer;
  return new Phi({
    ...notice(outcome === 'ok' && command !== null ? command.say(data) : [refusal(answer, command)]),
    'm.relates_to': {
      ...(to.thread === null ? {} : { rel_type: 'm.thread', event_id: to.thread, is_falling_back: false }),
      'm.in_reply_to': { event_id: to.event },
    },
    'm.mentions': {},
    'org.wardroom.answer': { command: answer.command, outcome, code, data },
  });
}

function refusal({ code, data }: CommandAnswer, command: Called | null): string {
  const reason = reasons[code] ?? code;
  if (code !== 'bad-argument') return reason;
  if (data.differs === true) return ANOTHER_IDENTITY;
  const usage = command === null ? '' : `: \`${command.call}\``;
  return `${reason}: ${String(data.argument)}${usage}`;
}

/** A notice of these lines, plain and HTML. What stands between backticks is shown as it is typed. */
export function notice(lines: readonly string[]): Record<string, unknown> {
  return {
    msgtype: 'm.notice',
    body: lines.join('\n'),
    format: 'org.matrix.custom.html',
    formatted_body: lines.map((line) => escaped(line).replace(/`([^`]+)`/g, '<code>$1</code>')).join('<br>'),
  };
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
