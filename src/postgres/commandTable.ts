import type { CommandAnswer, CommandsRead, CommandsWrite, GivenCommand } from '../flows/commandsPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { EventId, RoomId, UserId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { auditClass } from './auditPayload.ts';
import type { Queryable } from './database.ts';
import { prepared, type TransactionPipeline } from './pipeline.ts';
import type { Sealer } from './sealer.ts';

interface Row {
  /** Of before answers were sealed. */
  readonly answer: CommandAnswer | null;
  readonly key_id: string | null;
  readonly nonce: Buffer | null;
  readonly ciphertext: Buffer | null;
}

type Plain = Omit<CommandAnswer, 'words'> & { readonly words?: Readonly<Record<string, string>> };

const SCOPE = 'answers';
const columns = 'answer, key_id, nonce, ciphertext';

/** What commands were answered (migrations 005, 023). Sealed: reasons and notes that people wrote stand in answers. */
export class CommandReads implements CommandsRead {
  protected readonly db: Queryable;
  protected readonly sealer: Sealer;

  constructor(db: Queryable, sealer: Sealer) {
    this.db = db;
    this.sealer = sealer;
  }

  async answerTo(event: EventId): Promise<CommandAnswer | null> {
    const { rows } = await this.db.query<Row>(
      prepared(`SELECT ${columns} FROM wardroom.command_answers WHERE event_id = $1`, [event]),
    );
    return rows[0] === undefined ? null : this.#open(rows[0], event);
  }

  async unfinished(): ReturnType<CommandsRead['unfinished']> {
    const { rows } = await this.db.query<Row & { event: EventId; room: RoomId; sender: UserId }>(
      prepared(
        `SELECT a.answer, a.key_id, a.nonce, a.ciphertext, e.event_id AS event, e.room_id AS room, e.sender
           FROM wardroom.command_answers a JOIN wardroom.inbox_events e USING (event_id) WHERE a.outcome = 'running' ORDER BY e.seq`,
        [],
      ),
    );
    const found: { readonly given: GivenCommand; readonly answer: CommandAnswer }[] = [];
    for (const row of rows) {
      const { event, room, sender } = row;
      found.push({ given: { event, room, sender, signedBy: null }, answer: await this.#open(row, event) });
    }
    return found;
  }

  async #open({ answer, key_id: keyId, nonce, ciphertext }: Row, event: EventId): Promise<CommandAnswer> {
    if (keyId === null || nonce === null || ciphertext === null) {
      if (answer === null) throw new Error('answer-without-content');
      return answer;
    }
    const opened = await this.sealer.open(this.db, { keyId, nonce, ciphertext }, event);
    const { words, ...rest } = JSON.parse(opened.toString('utf8')) as Plain;
    return { ...rest, ...(words === undefined ? {} : { words: new Phi(words) }) };
  }
}

export class CommandWrites extends CommandReads implements CommandsWrite {
  readonly #pipeline: TransactionPipeline;

  constructor(pipeline: TransactionPipeline, sealer: Sealer) {
    super(pipeline, sealer);
    this.#pipeline = pipeline;
  }

  async save(event: EventId, answer: CommandAnswer, at: Instant): Promise<void> {
    const sealed = await this.#sealed(event, answer, at);
    this.#pipeline.send(
      prepared(
        'INSERT INTO wardroom.command_answers (event_id, outcome, key_id, nonce, ciphertext, at) VALUES ($1, $2, $3, $4, $5, now())',
        [event, answer.outcome, ...sealed],
      ),
    );
  }

  async finish(event: EventId, answer: CommandAnswer, at: Instant): Promise<void> {
    const sealed = await this.#sealed(event, answer, at);
    this.#pipeline.send(
      prepared(
        'UPDATE wardroom.command_answers SET outcome = $2, key_id = $3, nonce = $4, ciphertext = $5, answer = NULL WHERE event_id = $1',
        [event, answer.outcome, ...sealed],
      ),
    );
  }

  async #sealed(
    event: EventId,
    { words, ...rest }: CommandAnswer,
    at: Instant,
  ): Promise<readonly [string, Buffer, Buffer]> {
    const plain: Plain = { ...rest, ...(words === undefined ? {} : { words: words.reveal() }) };
    const bytes = Buffer.from(JSON.stringify(plain), 'utf8');
    const { keyId, nonce, ciphertext } = await this.sealer.seal(this.db, SCOPE, auditClass, at, bytes, event);
    return [keyId, nonce, ciphertext];
  }
}
