import type { OnCallRead } from '../flows/onCallPort.ts';
import type { AccountId, UserId } from '../kernel/ids.ts';
import { buildDirectory, type DispatchDirectory } from '../tickets/directory.ts';
import type { Dispatch } from '../tickets/dispatchSchema.ts';
import { effectiveDispatch } from '../tickets/effectiveDispatch.ts';
import { CROSS_ORG_TARGET } from '../tickets/onCall.ts';
import type { Resolution } from '../tickets/ticket.ts';

/** The directory as it is now: dispatch.yaml and the changes to its schedules that were made since. */
export class LiveDirectory implements DispatchDirectory {
  readonly #dispatch: Dispatch;
  readonly #isBot: (user: UserId) => boolean;
  readonly #canText: (account: AccountId) => boolean;
  #effective: Dispatch;
  #current: DispatchDirectory;
  #version = 0;
  #endedPartners: () => readonly string[] = () => [];

  constructor(
    dispatch: Dispatch,
    isBot: (user: UserId) => boolean,
    canText: (account: AccountId) => boolean = () => false,
  ) {
    this.#dispatch = dispatch;
    this.#isBot = isBot;
    this.#canText = canText;
    this.#effective = dispatch;
    this.#current = buildDirectory(dispatch, isBot, canText);
  }

  get dispatch(): Dispatch {
    return this.#effective;
  }

  /** Takes up what was changed. Resolves to the accounts of which the schedule is another than before. */
  async refresh(changes: OnCallRead): Promise<readonly string[]> {
    const version = await changes.version();
    if (version === this.#version) return [];
    const before = this.#effective;
    this.#effective = effectiveDispatch(this.#dispatch, await changes.all(), await changes.departures());
    this.#current = buildDirectory(this.#effective, this.#isBot, this.#canText);
    this.#version = version;
    const { practices } = this.#effective;
    return Object.keys(practices).filter((account) => practices[account] !== before.practices[account]);
  }

  /** Organisations whose agreement was revoked or has ended: they take no calls, whatever a schedule says. */
  withoutPartners(ended: () => readonly string[]): void {
    this.#endedPartners = ended;
  }

  resolve(...args: Parameters<DispatchDirectory['resolve']>): Resolution {
    const [account, target] = args;
    const partner = target === CROSS_ORG_TARGET ? this.#effective.practices[account]?.cross_org_backup?.org : undefined;
    if (partner !== undefined && this.#endedPartners().includes(partner))
      return { kind: 'skip', code: 'agreement-ended', alarms: ['agreement-ended'] };
    return this.#current.resolve(...args);
  }
  roleOf(account: AccountId, target: string) {
    return this.#current.roleOf(account, target);
  }
  members(account: AccountId) {
    return this.#current.members(account);
  }
  texts(account: AccountId) {
    return this.#current.texts(account);
  }
  deliversPersonally(account: AccountId) {
    return this.#current.deliversPersonally(account);
  }
  limitsAccess(account: AccountId) {
    return this.#current.limitsAccess(account);
  }
  onDuty(...args: Parameters<DispatchDirectory['onDuty']>) {
    return this.#current.onDuty(...args);
  }
  askedFor(...args: Parameters<DispatchDirectory['askedFor']>) {
    return this.#current.askedFor(...args);
  }
  reportReaders(account: AccountId) {
    return this.#current.reportReaders(account);
  }
  reportsEverything(account: AccountId) {
    return this.#current.reportsEverything(account);
  }
  summaryStep(...args: Parameters<DispatchDirectory['summaryStep']>) {
    return this.#current.summaryStep(...args);
  }
  mayAcknowledge(...args: Parameters<DispatchDirectory['mayAcknowledge']>) {
    return this.#current.mayAcknowledge(...args);
  }
  personOf(user: UserId) {
    return this.#current.personOf(user);
  }
  protocolFor(...args: Parameters<DispatchDirectory['protocolFor']>) {
    return this.#current.protocolFor(...args);
  }
  placeOf(account: AccountId) {
    return this.#current.placeOf(account);
  }
}
