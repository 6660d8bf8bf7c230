import type { CarrierName, RefusalCode } from '../../flows/texting/carrierPort.ts';
import type { PartsPort } from '../../flows/texting/partsPort.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Secret } from '../../kernel/phi.ts';
import type { DefaultAlphabet } from './dataCoding.ts';
import type { Concatenating } from './segments.ts';
import type { Timers } from './timers.ts';

/** One account at a carrier, reached by SMPP 3.4 as transceiver. */
export interface SmppOptions {
  readonly name: CarrierName;
  readonly host: string;
  readonly port: number;
  /** Null: plain, to the machine itself only. `ca`: PEM of who signed the carrier's certificate; null: the public authorities. */
  readonly tls: { readonly ca: string | null; readonly serverName: string | null } | null;
  /** At most 15 octets. */
  readonly systemId: string;
  /** At most 8 octets. */
  readonly password: Secret;
  /** At most 12 octets; often empty. */
  readonly systemType: string;
  /** submit_sm per second: a text of three segments counts three times, as carriers count. */
  readonly perSecond: number;
  /** submit_sm without an answer at one time. */
  readonly window?: number;
  readonly defaultAlphabet?: DefaultAlphabet;
  readonly concatenating?: Concatenating;
  /** command_status values of the carrier's own with what they mean. */
  readonly refusals?: ReadonlyMap<number, RefusalCode>;
  readonly times?: Partial<SmppTimes>;
  readonly parts: PartsPort;
  readonly clock: Clock;
  readonly timers?: Timers;
  /** 0 to less than 1; for the jitter of pauses. */
  readonly random?: () => number;
  /** Something went wrong that no text tells: for the log and the figures. Never with words or numbers of anybody. */
  readonly onFault?: (fault: SmppFault) => void;
}

/** Milliseconds. */
export interface SmppTimes {
  /** For the connection, and then for the answer to the bind. */
  readonly connectMs: number;
  /** For an answer. A submit_sm without one is `unknown`. */
  readonly answerMs: number;
  /** Nothing was heard for so long: the SMSC is asked whether it is there. */
  readonly enquireMs: number;
  /** The first pause before connecting again, and the longest. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** A connection that lasted so long starts again with the first pause. */
  readonly steadyMs: number;
  /** How long the parts of a text wait for the missing ones. */
  readonly partsMs: number;
  /** How long after a lost answer the same text is taken for a repetition. */
  readonly repeatMs: number;
  /** What stopping waits for answers. */
  readonly stopMs: number;
}

export const USUAL_TIMES: SmppTimes = {
  connectMs: 5_000,
  answerMs: 10_000,
  enquireMs: 30_000,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
  steadyMs: 60_000,
  partsMs: 10 * 60_000,
  repeatMs: 15 * 60_000,
  stopMs: 3_000,
};
export const USUAL_WINDOW = 10;

/**
 * `smpp-late-answer`: to a request that was given up. `smpp-unreadable`: a PDU that is none. `smpp-unreadable-receipt`: it does not say of
 * what. `smpp-part-missing`: a text was passed on without a part. `smpp-not-kept`: the database did not take what came in.
 * `smpp-unasked`: a command that an ESME does not know. The others: why a connection ended.
 */
export type SmppFault =
  | 'smpp-late-answer'
  | 'smpp-unreadable'
  | 'smpp-unreadable-receipt'
  | 'smpp-part-missing'
  | 'smpp-not-kept'
  | 'smpp-unasked'
  | ConnectionFault;

/**
 * Why there is no connection. `smpp-bind-0x..`: the SMSC's status. `smpp-tls-required`: plain to another machine is refused.
 * `smpp-silent`: no answer to enquire_link, or to a whole window. `smpp-unreadable-stream`: where PDUs begin is not known any more.
 * `smpp-not-reading`: the SMSC does not take what we write.
 */
export type ConnectionFault =
  | 'smpp-unreachable'
  | 'smpp-tls'
  | 'smpp-tls-required'
  | 'smpp-no-bind-answer'
  | `smpp-bind-${string}`
  | 'smpp-closed'
  | 'smpp-unbound'
  | 'smpp-silent'
  | 'smpp-unreadable-stream'
  | 'smpp-not-reading'
  | 'smpp-parts-not-loaded'
  | 'smpp-stopped';

/** Whether a plain connection to it stays in the machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
