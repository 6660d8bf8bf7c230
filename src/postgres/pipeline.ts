import type pg from 'pg';

/** A statement as `pg` takes it; with a name it is parsed once per connection. */
export type Statement = pg.QueryConfig<unknown[]>;

const names = new Map<string, string>();

/** Gives a statement's text a name, the same for all connections of this process. */
export function prepared(text: string, values: unknown[]): Statement {
  let name = names.get(text);
  if (name === undefined) {
    name = `wr${names.size}`;
    names.set(text, name);
  }
  return { name, text, values };
}

/** The part of `pg`'s connection that lets several statements leave in one packet; not in its types. */
interface Corkable {
  readonly connection?: { readonly stream?: { cork?(): void; uncork?(): void } };
}

/**
 * One transaction on a connection in pipeline mode: statements leave without waiting for the answers of those before them, all
 * of one turn in one packet. The server runs them in order, each seeing what those before it did; when one fails, all later
 * ones fail and the commit becomes a rollback. A round trip costs more than most statements.
 */
export class TransactionPipeline {
  readonly #client: pg.PoolClient;
  readonly #sent: Promise<unknown>[] = [];
  #isCorked = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
    this.send({ text: 'BEGIN' });
  }

  /** For what is read: resolves with the answer. */
  query<Row extends pg.QueryResultRow>(
    statement: string | Statement,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>> {
    this.#cork();
    const answer = this.#client.query<Row>(
      typeof statement === 'string' ? { text: statement, values: values ?? [] } : statement,
    );
    this.#sent.push(answer);
    // Whoever waits hears of a failure; `commit` does in any case.
    answer.catch(() => undefined);
    return answer;
  }

  /** For what is written: its failure comes out of `commit`. */
  send(statement: Statement): void {
    void this.query(statement);
  }

  /** Resolves when everything sent is committed; rejects with the first failure, after which nothing is. */
  async commit(): Promise<void> {
    const commit = this.query({ text: 'COMMIT' });
    await Promise.all(this.#sent);
    if ((await commit).command !== 'COMMIT') throw new Error('commit-became-rollback');
  }

  /** Resolves when it is undone; rejects when the connection is broken. */
  async rollBack(): Promise<void> {
    await this.#client.query('ROLLBACK');
  }

  #cork(): void {
    const stream = (this.#client as Corkable).connection?.stream;
    if (this.#isCorked || !stream?.cork) return;
    this.#isCorked = true;
    stream.cork();
    queueMicrotask(() => {
      // After the statements of this turn; those of a later one are corked again.
      process.nextTick(() => {
        this.#isCorked = false;
        stream.uncork?.();
      });
    });
  }
}
