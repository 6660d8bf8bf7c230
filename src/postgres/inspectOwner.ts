import { connectOnce } from './connectOnce.ts';
import { serviceRole } from './migrate.ts';

/** What an operator's check wants to know of the role that migrates. */
export interface OwnerFacts {
  readonly role: string;
  /** The same server and database as the service's (`DatabaseFacts.place`). */
  readonly place: string;
  /** It may make the schema, or owns it. */
  readonly mayMigrate: boolean;
  /** It may hand the job queue's tables to the service role; null when there is no such role. */
  readonly mayHandOver: boolean | null;
}

/** Tells one running database from another. */
export const PLACE = `(SELECT oid FROM pg_database WHERE datname = current_database()) || '@' || pg_postmaster_start_time()`;

export const inspectOwner = (url: string) =>
  connectOnce(url, async (client): Promise<OwnerFacts> => {
    const { rows } = await client.query<OwnerFacts>(
      `SELECT current_user AS role, ${PLACE} AS place,
              CASE WHEN to_regnamespace('wardroom') IS NULL THEN has_database_privilege(current_database(), 'CREATE')
                   ELSE (SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'wardroom') END AS "mayMigrate",
              (SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = $1) AS "mayHandOver"`,
      [serviceRole],
    );
    const [facts] = rows;
    if (!facts) throw new Error('no-answer');
    return facts;
  });
