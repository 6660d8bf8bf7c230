import type { HospitalInfo } from '../../../src/dev/hospitalInfo.ts';
import { pollUntil } from '../../../src/dev/wait.ts';

/** A text as the telephone of the embedded hospital shows it. `in`: it came to the telephone. */
export interface ShownText {
  readonly at: string;
  readonly direction: 'in' | 'out';
  readonly line: string;
  readonly body: string;
}

type Lines = Pick<HospitalInfo, 'sms'>;

const lineOf = ({ sms }: Lines) => {
  const [line] = sms;
  if (line === undefined) throw new Error('no line');
  return line;
};

/** What came to a telephone, the latest first. */
export async function textsOn(hospital: Lines, phone: string): Promise<readonly ShownText[]> {
  const url = new URL('texts', lineOf(hospital).inbound_url);
  url.searchParams.set('phone', phone);
  const { texts } = (await (await fetch(url)).json()) as { texts: readonly ShownText[] };
  return texts.filter(({ direction }) => direction === 'in').toReversed();
}

/** Every telephone to or from which something was texted since Wardroom started: the local carrier remembers no longer. */
export async function telephones(hospital: Lines): Promise<readonly string[]> {
  const { phones } = (await (await fetch(new URL('texts', lineOf(hospital).inbound_url))).json()) as {
    phones: readonly string[];
  };
  return phones;
}

/** Until a text of which this is true came to a telephone. */
export async function textOn(hospital: Lines, phone: string, isIt: (text: ShownText) => boolean): Promise<ShownText> {
  let found: ShownText | undefined;
  await pollUntil(
    `a text on ${phone}`,
    async () => {
      found = (await textsOn(hospital, phone)).find(isIt);
      return found !== undefined;
    },
    { deadlineMs: 30_000, everyMs: 100 },
  );
  return found!;
}

/** A telephone texts the line, in Twilio's words as an outside check would; the status of the answer. */
export async function sendText(hospital: Lines, from: string, body: string, id?: string): Promise<number> {
  const line = lineOf(hospital);
  const form = new URLSearchParams({
    From: from,
    To: line.number,
    Body: body,
    ...(id === undefined ? {} : { MessageSid: id }),
  });
  return (await fetch(line.inbound_url, { method: 'POST', body: form })).status;
}

/** What the carrier does with the next texts (src/sms/local/behaviour.ts). */
export async function behave(hospital: Lines, next: readonly Record<string, unknown>[]): Promise<void> {
  const url = new URL('behaviour', lineOf(hospital).inbound_url);
  const headers = { 'Content-Type': 'application/json' };
  const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(next) });
  if (status !== 204) throw new Error(`behaviour: ${status}`);
}
