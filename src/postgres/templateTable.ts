import type { KeptTemplate, TemplatesWrite } from '../flows/texting/templatesPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

interface Row {
  name: string;
  language: string;
  version: number;
  state: KeptTemplate['state'];
  class: KeptTemplate['contentClass'];
  body: string;
  author: string;
  by: string;
  at: Instant;
}

/** Templates of texts, by version (migration 031). */
export class TemplateTable implements TemplatesWrite {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async all(): Promise<readonly KeptTemplate[]> {
    const { rows } = await this.#db.query<Row>(
      prepared(
        `SELECT DISTINCT ON (name, language, version) * FROM wardroom.text_templates
          ORDER BY name, language, version, number DESC`,
        [],
      ),
    );
    return rows.map(({ name, language, version, state, class: contentClass, body, author, by, at }) => ({
      id: name,
      language,
      version,
      state,
      contentClass,
      body,
      first: false,
      replies: true,
      author,
      by,
      at,
    }));
  }

  async append({ id, language, version, state, contentClass, body, author, by, at }: KeptTemplate): Promise<void> {
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.text_templates (name, language, version, state, class, body, author, by, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, to_timestamp($9::bigint / 1000.0))`,
        [id, language, version, state, contentClass, body, author, by, at],
      ),
    );
  }
}
