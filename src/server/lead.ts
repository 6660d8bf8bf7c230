import { setTimeout as pause } from 'node:timers/promises';
import type { Result } from '../kernel/result.ts';
import type { Log } from './log.ts';

/** The lead as the database gives it (`createMatrixLead`). */
interface Held {
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

type Acquire = (options: { wait: boolean; signal: AbortSignal }) => Promise<Result<Held, 'held' | 'unavailable'>>;

/**
 * Whether this process leads: only one process of a database speaks Matrix, runs jobs and sweeps, so that no voice has two engines
 * and nobody is told twice. Another that is started, by mistake or as a spare, takes tickets and waits for the first one's end.
 */
export interface Lead {
  /** Resolves when this process leads for the first time. */
  readonly gained: Promise<void>;
  /** Whether it has led, also while the database is away. */
  readonly isOurs: boolean;
  /** Resolves when another process took the lead over from this one: it must end. */
  readonly overtaken: Promise<void>;
  /** Lets go of it. */
  stop(): Promise<void>;
}

const RETRY_MS = 250;
/** Tries to get back what was lost before another is believed to have it. */
const TRIES_BACK = 8;
/** How often the log says again that this process waits. */
const REMIND_MS = 60_000;

/** Resolves when it is known whether this process leads or waits. */
export async function takeLead(acquire: Acquire, log: Log): Promise<Lead> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const gained = Promise.withResolvers<void>();
  const overtaken = Promise.withResolvers<void>();
  const known = Promise.withResolvers<void>();
  let isOurs = false;

  /** The lead, if it is free or, with `wait`, once it is. */
  const first = async (): Promise<Held | null> => {
    for (let wait = false; !signal.aborted; ) {
      const found = await acquire({ wait, signal });
      if (found.ok) return found.value;
      if (found.error === 'held') {
        wait = true;
        log.warn({ code: 'lead.waiting' }, 'another process of this database leads, waiting for its end');
        known.resolve();
      } else {
        await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return null;
  };

  /** The lead again after the connection was lost; null when another has it. */
  const again = async (): Promise<Held | null> => {
    for (let refused = 0; refused < TRIES_BACK && !signal.aborted; ) {
      const found = await acquire({ wait: false, signal });
      if (found.ok) return found.value;
      // While the database is away nobody can have taken it.
      if (found.error === 'held') refused += 1;
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
    return null;
  };

  const reminding = setInterval(() => {
    if (!isOurs) log.warn({ code: 'lead.waiting' }, 'still waiting for the end of the process that leads');
  }, REMIND_MS);
  reminding.unref();

  const keeping = (async () => {
    for (let held = await first(); held !== null; held = await again()) {
      log.info({ code: isOurs ? 'lead.regained' : 'lead.gained' }, 'this process leads');
      isOurs = true;
      known.resolve();
      gained.resolve();
      const end = () => void held?.release();
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      await held.lost;
      signal.removeEventListener('abort', end);
      if (signal.aborted) return;
      log.warn({ code: 'lead.lost' }, 'lost the connection that holds the lead');
    }
    if (signal.aborted) return;
    log.error({ code: 'lead.overtaken' }, 'another process leads now, ending');
    overtaken.resolve();
  })();

  await known.promise;
  return {
    gained: gained.promise,
    get isOurs() {
      return isOurs;
    },
    overtaken: overtaken.promise,
    async stop() {
      clearInterval(reminding);
      stopping.abort();
      await keeping;
    },
  };
}
