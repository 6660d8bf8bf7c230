import type { CarrierStatus } from '../../flows/texting/carrierPort.ts';
import type { Credentials } from './bind.ts';
import { connectSocket } from './connectSocket.ts';
import type { ConnectionFault, SmppOptions, SmppTimes } from './options.ts';
import { Session, type SessionOwner } from './session.ts';
import type { Timers } from './timers.ts';

export interface LinkOptions {
  readonly where: Pick<SmppOptions, 'host' | 'port' | 'tls'>;
  readonly credentials: () => Credentials;
  readonly times: SmppTimes;
  readonly timers: Timers;
  readonly random: () => number;
  /** Before the first bind; whether it is done. What comes in is taken only after it. */
  readonly prepare: () => Promise<boolean>;
  readonly onBound: (session: Session) => void;
  readonly onLost: (session: Session, fault: ConnectionFault) => void;
  readonly onFault: (fault: ConnectionFault) => void;
}

/** Nothing but a change of the configuration, or a word with the carrier, helps: wrong system id or password, no trust, no TLS. */
const REFUSED: readonly string[] = [
  'smpp-bind-0x0d',
  'smpp-bind-0x0e',
  'smpp-bind-0x0f',
  'smpp-tls',
  'smpp-tls-required',
];

/** Keeps one connection bound until it is stopped: connects again after pauses that double, with jitter, so that an SMSC that restarts is not overrun. */
export class Link {
  readonly #options: LinkOptions;
  readonly #owner: SessionOwner;
  #session: Session | null = null;
  #fault: ConnectionFault | null = null;
  #pauseMs: number;
  #isStopped = false;
  #endPause: (() => void) | null = null;
  #running: Promise<void> | null = null;

  constructor(options: LinkOptions, owner: Pick<SessionOwner, 'delivered' | 'answered' | 'proven' | 'fault'>) {
    this.#options = options;
    this.#pauseMs = options.times.firstPauseMs;
    this.#owner = {
      delivered: (message, session) => owner.delivered(message, session),
      answered: (text, session) => owner.answered(text, session),
      proven: (texts) => owner.proven(texts),
      fault: (fault) => owner.fault(fault),
      closed: (session, fault) => this.#closed(session, fault),
    };
  }

  /** Bound and able to submit; null: not now. */
  get session(): Session | null {
    return this.#session?.isBound ? this.#session : null;
  }

  status(): CarrierStatus {
    if (this.#isStopped) return { state: 'stopped', code: 'smpp-stopped' };
    if (this.session) return { state: 'ready', code: null };
    const code = this.#fault ?? 'smpp-connecting';
    return { state: REFUSED.includes(code) ? 'refused' : 'connecting', code };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Waits up to `stopMs` for answers that are due, then says good-bye. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#endPause?.();
    const session = this.#session;
    if (session) {
      await session.answersIn(this.#options.times.stopMs);
      await session.unbind();
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    let isPrepared = false;
    while (!this.#isStopped) {
      isPrepared ||= await this.#options.prepare();
      const began = this.#options.timers.now();
      if (isPrepared) await this.#connection();
      else this.#failed('smpp-parts-not-loaded');
      const lastedMs = this.#options.timers.now() - began;
      if (lastedMs >= this.#options.times.steadyMs) this.#pauseMs = this.#options.times.firstPauseMs;
      await this.#pause();
    }
  }

  /** Resolves when it is over. */
  async #connection(): Promise<void> {
    const { where, times, timers, credentials } = this.#options;
    const socket = await connectSocket(where, times.connectMs, timers);
    if (typeof socket === 'string') return this.#failed(socket);
    const over = Promise.withResolvers<void>();
    const session = new Session(
      socket,
      {
        ...this.#owner,
        closed: (one, fault) => {
          this.#owner.closed(one, fault);
          over.resolve();
        },
      },
      { times, timers },
    );
    if (this.#isStopped) session.close('smpp-stopped');
    this.#session = session;
    const fault = await session.bind(credentials());
    if (fault === null) {
      this.#fault = null;
      this.#options.onBound(session);
    } else session.close(fault);
    await over.promise;
  }

  #closed(session: Session, fault: ConnectionFault): void {
    if (this.#session === session) this.#session = null;
    this.#options.onLost(session, fault);
    this.#failed(fault);
  }

  #failed(fault: ConnectionFault): void {
    this.#fault = fault;
    if (!this.#isStopped) this.#options.onFault(fault);
  }

  #pause(): Promise<void> {
    const ms = this.#pauseMs * (0.5 + this.#options.random() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.times.longestPauseMs);
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const callOff = this.#options.timers.after(ms, resolve);
      this.#endPause = () => {
        callOff();
        resolve();
      };
    });
  }
}
