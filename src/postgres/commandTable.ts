import type { CommandAnswer, CommandsRead, CommandsWrite } from '../flows/commandsPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { EventId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { Queryable } from './database.ts';
import { prepared, type TransactionPipeline } from './pipeline.ts';
import type { Sealer } from './sealer.ts';

interface Row {
  readonly answer: Omit<CommandAnswer, 'words'>;
  readonly words_key_id: string | null;
  readonly words_nonce: Buffer | null;
  readonly words_ciphertext: Buffer | null;
}

/** What commands were answered (migration 005); words that may be health information are sealed (migration 027). */
export class CommandReads implements CommandsRead {
  readonly #db: Queryable;
  protected readonly sealer: Sealer;

  constructor(db: Queryable, sealer: Sealer) {
    this.#db = db;
    this.sealer = sealer;
  }

  async answerTo(event: EventId): Promise<CommandAnswer | null> {
    const { rows } = await this.#db.query<Row>(
      prepared(
        'SELECT answer, words_key_id, words_nonce, words_ciphertext FROM wardroom.command_answers WHERE event_id = $1',
        [event],
      ),
    );
    const [row] = rows;
    if (row === undefined) return null;
    const { answer, words_key_id: keyId, words_nonce: nonce, words_ciphertext: ciphertext } = row;
    if (keyId === null || nonce === null || ciphertext === null) return answer;
    const opened = await this.sealer.open(this.#db, { keyId, nonce, ciphertext }, event);
    return { ...answer, words: new Phi(JSON.parse(opened.toString('utf8')) as Readonly<Record<string, string>>) };
  }
}

/** Retention class of what answers quote. */
const CLASS = 'answer';

export class CommandWrites extends CommandReads implements CommandsWrite {
  readonly #pipeline: TransactionPipeline;

  constructor(pipeline: TransactionPipeline, sealer: Sealer) {
    super(pipeline, sealer);
    this.#pipeline = pipeline;
  }

  async save(event: EventId, answer: CommandAnswer, at: Instant): Promise<void> {
    const { words, ...rest } = answer;
    if (words === undefined)
      return this.#pipeline.send(
        prepared('INSERT INTO wardroom.command_answers (event_id, answer, at) VALUES ($1, $2, now())', [event, rest]),
      );
    const plain = Buffer.from(JSON.stringify(words.reveal()), 'utf8');
    const sealed = await this.sealer.seal(this.#pipeline, 'answers', CLASS, at, plain, event);
    this.#pipeline.send(
      prepared(
        `INSERT INTO wardroom.command_answers (event_id, answer, at, words_key_id, words_nonce, words_ciphertext)
         VALUES ($1, $2, now(), $3, $4, $5)`,
        [event, rest, sealed.keyId, sealed.nonce, sealed.ciphertext],
      ),
    );
  }

  async finish(event: EventId, answer: CommandAnswer): Promise<void> {
    const { words: _, ...rest } = answer;
    this.#pipeline.send(prepared('UPDATE wardroom.command_answers SET answer = $2 WHERE event_id = $1', [event, rest]));
  }
}
