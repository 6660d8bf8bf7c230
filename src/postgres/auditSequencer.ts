import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { LogSigner } from '../audit/keys.ts';
import { parseVkey } from '../audit/vkey.ts';
import type { Clock } from '../kernel/clock.ts';
import { createBatches } from './auditBatch.ts';

/** Gives committed entries their places in the log. Several processes may run one on the same database. */
export interface AuditSequencer {
  /** Signs the first checkpoint of a new log and keeps sequencing. Throws AuditLogDamaged when the log is not what was signed. */
  start(): Promise<void>;
  /** Sequences everything committed so far. */
  flush(): Promise<void>;
  /** Sequences what it can, then stops. */
  stop(): Promise<void>;
  /** Null while all is well; else the code of what keeps entries from getting their places. */
  trouble(): string | null;
}

/** Codes and counts only. */
export interface AuditLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface SequencerOptions {
  readonly pool: pg.Pool;
  /** Its name is the log's origin. */
  readonly signer: LogSigner;
  /** The machine's clock: the log's times are never business time. */
  readonly clock: Clock;
  readonly log: AuditLogger;
  /** Hears the code of each trouble that begins while running. */
  readonly onTrouble?: (code: string) => void;
  /** How long entries may gather before they are sequenced, in milliseconds. */
  readonly windowMs?: number;
  /** At most this many entries per checkpoint. */
  readonly batchSize?: number;
  /** Hears of each checkpoint once it is on disk: for copies that the operator cannot quietly rewrite. */
  readonly publish?: (note: string, size: number) => void;
}

const WINDOW_MS = 250;
const BATCH_SIZE = 500;
const MAX_BACKOFF_MS = 5_000;

export function createAuditSequencer(options: SequencerOptions): AuditSequencer {
  const { pool, signer, clock, log, windowMs = WINDOW_MS, batchSize = BATCH_SIZE, publish } = options;
  const verifier = parseVkey(signer.vkey);
  if (!verifier.ok) throw new TypeError('not a log signer');
  const batches = createBatches({ pool, signer, verifier: verifier.value, clock, batchSize });
  const stopping = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  let running: Promise<void> | null = null;
  let trouble: string | null = null;

  const drain = async (): Promise<void> => {
    for (;;) {
      const { taken, note, size } = await batches.next();
      if (note !== null) publish?.(note, size);
      if (taken < batchSize) return;
    }
  };

  const flush = (): Promise<void> => {
    const turn = last.then(drain);
    last = turn.catch(() => undefined);
    return turn;
  };

  /** One round of the loop: how long to wait before the next. */
  const round = async (wait: number): Promise<number> => {
    try {
      await flush();
      if (trouble !== null) log.info({ code: trouble }, 'audit sequencing works again');
      trouble = null;
      return windowMs;
    } catch (error) {
      const code = codeOf(error);
      const isNews = code !== trouble;
      trouble = code;
      if (isNews) {
        log.error({ code }, 'audit entries cannot be sequenced');
        options.onTrouble?.(code);
      }
      return Math.min(wait * 2, MAX_BACKOFF_MS);
    }
  };

  const loop = async (): Promise<void> => {
    for (let wait = windowMs; !stopping.signal.aborted; wait = await round(wait))
      await delay(wait, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
  };

  return {
    async start() {
      await flush();
      running ??= loop();
    },
    flush,
    async stop() {
      stopping.abort();
      await running;
      await flush().catch((error: unknown) => log.error({ code: codeOf(error) }, 'audit entries are left unsequenced'));
    },
    trouble: () => trouble,
  };
}

/** Our own code, a damage code or an SQLSTATE; never a message. */
const codeOf = (error: unknown): string => {
  const { code, damage } = error as { code?: unknown; damage?: unknown };
  if (typeof damage === 'string') return `audit-log-damaged:${damage}`;
  return typeof code === 'string' ? code : 'unexpected';
};
