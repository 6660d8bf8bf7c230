import type { CommandAnswer, CommandsRead, CommandsWrite } from '../flows/commandsPort.ts';
import type { EventId } from '../kernel/ids.ts';
import type { Queryable } from './database.ts';
import { prepared, type TransactionPipeline } from './pipeline.ts';

/** What commands were answered (migration 005). */
export class CommandReads implements CommandsRead {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async answerTo(event: EventId): Promise<CommandAnswer | null> {
    const { rows } = await this.#db.query<{ answer: CommandAnswer }>(
      prepared('SELECT answer FROM wardroom.command_answers WHERE event_id = $1', [event]),
    );
    return rows[0]?.answer ?? null;
  }
}

export class CommandWrites extends CommandReads implements CommandsWrite {
  readonly #pipeline: TransactionPipeline;

  constructor(pipeline: TransactionPipeline) {
    super(pipeline);
    this.#pipeline = pipeline;
  }

  async save(event: EventId, answer: CommandAnswer): Promise<void> {
    this.#pipeline.send(
      prepared('INSERT INTO wardroom.command_answers (event_id, answer, at) VALUES ($1, $2, now())', [event, answer]),
    );
  }

  async finish(event: EventId, answer: CommandAnswer): Promise<void> {
    this.#pipeline.send(
      prepared('UPDATE wardroom.command_answers SET answer = $2 WHERE event_id = $1', [event, answer]),
    );
  }
}
