import type { CommandAnswer } from '../flows/commandsPort.ts';
import type { EventId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { Command } from './command.ts';

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
};

/** The one moment that the confirming is for. */
const ANOTHER_IDENTITY =
  'This is NOT the identity that Wardroom sees for them. Do not confirm anything: ring them and compare again, from their own client. ' +
  'If it still differs, somebody may stand between.';

/** The content of an answer: a reply to the command, for people and for programs (contract.md, "Bot"). */
export function answerContent(
  answer: CommandAnswer,
  command: Command | null,
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

function refusal({ code, data }: CommandAnswer, command: Command | null): string {
  const reason = reasons[code] ?? code;
  if (code !== 'bad-argument') return reason;
  if (data.differs === true) return ANOTHER_IDENTITY;
  const usage = command === null ? '' : `: \`!wr ${command.name} ${command.usage}\``;
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
