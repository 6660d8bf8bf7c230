import type { Socket } from 'node:net';
import type { CarrierTextId } from '../../flows/texting/carrierPort.ts';
import { bindBody, type Credentials } from './bind.ts';
import { COMMAND, RESPONSE, STATUS, statusText } from './commands.ts';
import { type Frame, Frames, frame } from './frames.ts';
import { EMPTY_MESSAGE_ID, type Message, readDataMessage, readMessage } from './message.ts';
import type { ConnectionFault, SmppFault, SmppTimes } from './options.ts';
import { type Answer, Pending } from './pending.ts';
import type { Timers } from './timers.ts';

/** What was decided about a message: the status to answer with, and which text of ours it became. */
export interface Verdict {
  readonly status: number;
  readonly text: CarrierTextId | null;
}

/** Who a session works for. None of these may throw. */
export interface SessionOwner {
  delivered(message: Message, session: Session): Promise<Verdict>;
  /** The SMSC was answered in good time. */
  answered(text: CarrierTextId, session: Session): void;
  /** The SMSC has surely read these answers. */
  proven(texts: readonly CarrierTextId[]): void;
  closed(session: Session, fault: ConnectionFault): void;
  fault(fault: SmppFault): void;
}

export interface SessionOptions {
  readonly times: Pick<SmppTimes, 'connectMs' | 'answerMs' | 'enquireMs'>;
  readonly timers: Timers;
}

/** Octets that the SMSC has not taken yet. */
const MOST_UNREAD = 1_000_000;
/** After so many submits in a row without an answer the connection is given up. */
const MOST_UNANSWERED = 10;
/** An answer within this is before any SMSC sends a message again. */
const PROMPT_MS = 5_000;
/** A connection that is closing is cut when nothing moves any more. */
const LAST_WORDS_MS = 1_000;
/** Answers are proven together. */
const PROOF_MS = 1_000;

/** One connection to an SMSC as transceiver, from the bind on (SMPP 3.4, section 2.2). Whatever the SMSC sends, it does not throw. */
export class Session {
  readonly #socket: Socket;
  readonly #owner: SessionOwner;
  readonly #options: SessionOptions;
  readonly #frames = new Frames();
  readonly #pending: Pending;
  #state: 'open' | 'bound' | 'unbinding' | 'closed' = 'open';
  #heardAt: number;
  #unanswered = 0;
  #unproven: CarrierTextId[] = [];
  /** Running while it is doubted that the SMSC is there: submits wait for what comes out. */
  #check: Promise<boolean> | null = null;
  #callOffEnquiry: (() => void) | null = null;
  #callOffProof: (() => void) | null = null;
  #callOffEnd: (() => void) | null = null;

  constructor(socket: Socket, owner: SessionOwner, options: SessionOptions) {
    this.#socket = socket;
    this.#owner = owner;
    this.#options = options;
    this.#pending = new Pending(options.timers);
    this.#heardAt = options.timers.now();
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => this.close('smpp-closed'));
    socket.on('close', () => this.close('smpp-closed'));
  }

  get isBound(): boolean {
    return this.#state === 'bound';
  }

  /** Null: bound. */
  async bind(credentials: Credentials): Promise<ConnectionFault | null> {
    const answer = await this.#request(
      COMMAND.bindTransceiver,
      bindBody(credentials),
      this.#options.times.connectMs,
      () => this.#bindAnswered(),
    );
    if (this.#state === 'bound') return null;
    if (answer.kind !== 'answered') return answer.kind === 'late' ? 'smpp-no-bind-answer' : 'smpp-closed';
    return answer.status === STATUS.ok ? 'smpp-no-bind-answer' : `smpp-bind-${statusText(answer.status)}`;
  }

  /** Submits one segment. Only `unsent` is certain not to have reached the SMSC. */
  async submit(body: Buffer): Promise<Answer> {
    if (this.#check !== null) await this.#check;
    if (this.#state !== 'bound') return { kind: 'unsent' };
    const askedAt = this.#options.timers.now();
    const answer = await this.#request(COMMAND.submit, body, this.#options.times.answerMs);
    if (answer.kind === 'answered') this.#unanswered = 0;
    if (answer.kind === 'late') this.#doubt(askedAt);
    return answer;
  }

  /** Resolves when every request has its answer, or after `ms`. */
  answersIn(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#options.timers.after(ms, resolve);
      this.#pending.whenEmpty(() => {
        callOff();
        resolve();
      });
    });
  }

  /** Says good-bye and ends. */
  async unbind(): Promise<void> {
    if (this.#state === 'bound') {
      this.#state = 'unbinding';
      await this.#request(COMMAND.unbind, Buffer.alloc(0), 1_000);
    }
    this.close('smpp-stopped');
  }

  close(fault: ConnectionFault): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    for (const callOff of [this.#callOffEnquiry, this.#callOffProof, this.#callOffEnd]) callOff?.();
    this.#end(fault);
    this.#pending.lose();
    this.#owner.closed(this, fault);
  }

  /** What was written last is still delivered to an SMSC that reads. */
  #end(fault: ConnectionFault): void {
    this.#socket.removeAllListeners('data');
    if (fault === 'smpp-not-reading' || fault === 'smpp-silent') return void this.#socket.destroy();
    this.#socket.setTimeout(LAST_WORDS_MS, () => this.#socket.destroy());
    this.#socket.destroySoon();
  }

  #bindAnswered(): void {
    this.#state = 'bound';
    this.#watch(this.#options.times.enquireMs);
  }

  #read(chunk: Buffer): void {
    this.#heardAt = this.#options.timers.now();
    const { frames, broken } = this.#frames.push(chunk);
    for (const one of frames) if (this.#state !== 'closed') this.#handle(one);
    if (!broken || this.#state === 'closed') return;
    this.#write(frame(COMMAND.genericNack, STATUS.invalidLength, 0));
    this.close('smpp-unreadable-stream');
  }

  #handle(received: Frame): void {
    const { command, sequence } = received;
    switch (command) {
      case COMMAND.enquireLink:
        this.#write(frame(COMMAND.enquireLinkResp, STATUS.ok, sequence));
        break;
      case COMMAND.deliver:
      case COMMAND.data:
        void this.#messageArrived(received);
        break;
      case COMMAND.unbind:
        this.#unbound(sequence);
        break;
      case COMMAND.alertNotification:
        break; // has no answer (SMPP 3.4, section 4.12)
      default:
        if (command >= RESPONSE) this.#answerArrived(received);
        else this.#unasked(sequence);
    }
  }

  #unasked(sequence: number): void {
    this.#owner.fault('smpp-unasked');
    this.#write(frame(COMMAND.genericNack, STATUS.invalidCommand, sequence));
  }

  #answerArrived({ command, status, sequence, body }: Frame): void {
    if (!this.#pending.answered(sequence, { kind: 'answered', command, status, body: Buffer.from(body) }))
      this.#owner.fault('smpp-late-answer');
  }

  /** The SMSC wants to end: nothing more is submitted, what it still answers is heard. */
  #unbound(sequence: number): void {
    this.#write(frame(COMMAND.unbindResp, STATUS.ok, sequence));
    this.#state = 'unbinding';
    this.#callOffEnd ??= this.#options.timers.after(this.#options.times.answerMs, () => this.close('smpp-unbound'));
    this.#pending.whenEmpty(() => this.close('smpp-unbound'));
  }

  async #messageArrived({ command, sequence, body }: Frame): Promise<void> {
    const arrivedAt = this.#options.timers.now();
    const { status, text } = await this.#verdict(command, body);
    if (this.#state === 'closed') return;
    this.#write(frame((command | RESPONSE) >>> 0, status, sequence, EMPTY_MESSAGE_ID));
    if (status !== STATUS.ok || text === null || this.#options.timers.now() - arrivedAt > PROMPT_MS) return;
    this.#owner.answered(text, this);
    this.#unproven.push(text);
    this.#callOffProof ??= this.#options.timers.after(PROOF_MS, () => void this.#prove());
  }

  async #verdict(command: number, body: Buffer): Promise<Verdict> {
    if (this.#state === 'open') return { status: STATUS.wrongState, text: null };
    const read = command === COMMAND.data ? readDataMessage(body) : readMessage(body);
    if (read.ok) return this.#owner.delivered(read.value, this);
    this.#owner.fault('smpp-unreadable');
    return { status: STATUS.invalidLength, text: null };
  }

  /** Whoever answers a question has read what came before it. */
  async #prove(): Promise<void> {
    const texts = this.#unproven;
    this.#unproven = [];
    this.#callOffProof = null;
    if (await this.#isThere()) this.#owner.proven(texts);
  }

  /** Asks the SMSC whether it is there, and ends the connection if it does not say so. */
  async #isThere(): Promise<boolean> {
    if (this.#state !== 'bound') return false;
    const { kind } = await this.#request(COMMAND.enquireLink, Buffer.alloc(0), this.#options.times.answerMs);
    if (kind === 'late') this.close('smpp-silent');
    return kind === 'answered';
  }

  #watch(afterMs: number): void {
    this.#callOffEnquiry = this.#options.timers.after(afterMs, () => void this.#enquire());
  }

  async #enquire(): Promise<void> {
    const quietMs = this.#options.timers.now() - this.#heardAt;
    const { enquireMs } = this.#options.times;
    if (quietMs >= enquireMs) await this.#isThere();
    if (this.#state === 'bound') this.#watch(quietMs >= enquireMs ? enquireMs : enquireMs - quietMs);
  }

  /** No answer to a submit: the next texts must not become unknown, too, because nobody is there, or nobody who answers submits. */
  #doubt(askedAt: number): void {
    this.#unanswered += 1;
    if (this.#unanswered >= MOST_UNANSWERED) this.close('smpp-silent');
    else if (this.#heardAt <= askedAt)
      this.#check ??= this.#isThere().finally(() => {
        this.#check = null;
      });
  }

  async #request(command: number, body: Buffer, withinMs: number, onOk?: () => void): Promise<Answer> {
    if (this.#state === 'closed' || !this.#socket.writable) return { kind: 'unsent' };
    const { sequence, answer } = this.#pending.add(withinMs, (arrived) => {
      // At once: the SMSC may send a message right behind its answer to the bind.
      if (arrived.kind === 'answered' && arrived.command === (command | RESPONSE) >>> 0 && arrived.status === STATUS.ok)
        onOk?.();
    });
    this.#write(frame(command, 0, sequence, body));
    return answer;
  }

  #write(octets: Buffer): void {
    if (!this.#socket.writable) return;
    this.#socket.write(octets);
    if (this.#socket.writableLength > MOST_UNREAD) this.close('smpp-not-reading');
  }
}
