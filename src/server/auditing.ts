import { logSigner } from '../audit/keys.ts';
import type { Alarms } from '../flows/ports.ts';
import { realClock } from '../kernel/clock.ts';
import { Secret } from '../kernel/phi.ts';
import { createAuditSequencer } from '../postgres/auditSequencer.ts';
import type { Pool } from '../postgres/database.ts';
import { keepTrying } from './housekeeping.ts';
import { errorCode, type Log } from './log.ts';
import type { Secrets } from './secrets.ts';

export interface AuditingParts {
  readonly pool: Pool;
  readonly secrets: Pick<Secrets, 'auditLogKey'>;
  /** What the log is called in its checkpoints. */
  readonly origin: string;
  readonly alarms: Alarms;
  readonly log: Log;
}

export interface Auditing {
  /** Whether entries get their numbers and are signed for. */
  isWell(): boolean;
  stop(): Promise<void>;
}

/** Numbers and signs the audit log. A damaged log stops the signing, loudly, and never the paging. */
export function startAuditing({ pool, secrets, origin, alarms, log }: AuditingParts): Auditing {
  const pem = secrets.auditLogKey().reveal().export({ type: 'pkcs8', format: 'pem' }).toString();
  const onTrouble = (code: string) =>
    alarms.raise(code.startsWith('audit-log-damaged') ? 'audit-damaged' : 'audit-stalled', {});
  const sequencer = createAuditSequencer({
    pool,
    signer: logSigner(origin, new Secret(pem)),
    clock: realClock,
    log,
    onTrouble,
  });
  const starting = keepTrying(
    async () => {
      await sequencer.start();
      return null;
    },
    onTrouble,
    errorCode,
  );
  return {
    isWell: () => starting.done && sequencer.trouble() === null,
    async stop() {
      starting.stop();
      await sequencer.stop();
    },
  };
}
