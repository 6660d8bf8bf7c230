/** What may stand after an account's name in a recipientID, whatever the practice's roles are called. */
const USUAL: ReadonlySet<string> = new Set(['oncall', 'on-call', 'office', 'desk', 'frontdesk']);

export interface Recipients {
  /** Accounts a service reaches. */
  readonly accountsOf: (service: string) => readonly string[];
  /** Roles of an account's practice, and people. */
  readonly isTarget: (account: string, target: string) => boolean;
}

export interface Recipient {
  readonly account: string;
  /** A role or person that was named; null for whoever is on call. */
  readonly requested: string | null;
}

/** `LARK-CARD`, `LARK-CARD.oncall`, `LARK-CARD.ROLE`, `LARK-CARD.PERSON`: the longest account that fits. Null: 403. */
export function readRecipient(recipientId: string, service: string, recipients: Recipients): Recipient | null {
  const account = recipients
    .accountsOf(service)
    .filter((name) => recipientId === name || recipientId.startsWith(`${name}.`))
    .sort((one, other) => other.length - one.length)[0];
  if (account === undefined) return null;
  const target = recipientId.slice(account.length + 1);
  if (target === '' || USUAL.has(target.toLowerCase())) return { account, requested: null };
  return recipients.isTarget(account, target) ? { account, requested: target } : null;
}
