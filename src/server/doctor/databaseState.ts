import { newestPostgres, oldestPostgres } from '../../postgres/migrate.ts';
import { clockFinding } from './clockSkew.ts';
import { type Check, type Finding, fault, warning, well } from './finding.ts';

/** Twenty of the service, one for keys, three of the job queue, one for each voice; with room to spare. */
const CONNECTIONS = 30;

/** The database is of this program's schema, and its role can do what it must and not what it must not. */
export const databaseState: Check = async ({ database, place, config }) => {
  if (database === null) return [];
  const findings: Finding[] = [];
  const { serverVersion, schema, expectedSchema, excess, missing, isSuperuser, role, freeConnections } = database;
  const version = `PostgreSQL ${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`;
  if (serverVersion < oldestPostgres)
    findings.push(fault('database-version', `${version} is too old`, 'use PostgreSQL 15 or newer'));
  else if (serverVersion >= newestPostgres + 10_000)
    findings.push(
      warning(
        'database-version',
        `${version} is newer than any that this Wardroom was tried with (${newestPostgres / 10_000})`,
        'look whether there is a newer Wardroom, and try both before you rely on them',
      ),
    );
  else findings.push(well('database-version', version));
  findings.push(clockFinding('database-clock', 'the database', { ...database.clock, grain: 0 }));
  const where = place(config.database.url_file === undefined ? 'database.url' : 'database.url_file');
  if (schema > expectedSchema)
    findings.push(
      fault(
        'database-schema',
        `the database has schema ${schema}, this program knows ${expectedSchema}`,
        'run the newer program; going back needs a backup from before the upgrade',
      ),
    );
  else if (schema < expectedSchema)
    findings.push(
      missing.length === 0
        ? fault('database-schema', `the database has schema ${schema} of ${expectedSchema}`, 'run: wardroom migrate')
        : fault(
            'database-schema',
            `${role} cannot look at the database's schema`,
            `run: wardroom migrate; if that changes nothing, connect as wardroom_service: ${where}`,
          ),
    );
  else findings.push(well('database-schema', `schema ${schema}`));
  if (isSuperuser || excess.length > 0)
    findings.push(
      fault(
        'database-role',
        isSuperuser ? `${role} is a superuser: it could rewrite the audit log` : `${role} may ${excess.join(', ')}`,
        `connect as wardroom_service, which may only add to the audit log: ${where}`,
      ),
    );
  if (missing.length > 0 && schema >= expectedSchema)
    findings.push(
      fault('database-role', `${role} may not ${missing.join(', ')}`, `connect as wardroom_service: ${where}`),
    );
  if (schema > 0 && !findings.some(({ code }) => code === 'database-role'))
    findings.push(well('database-role', `${role} can add to the audit log and cannot change it`));
  if (freeConnections < CONNECTIONS)
    findings.push(
      warning(
        'database-connections',
        `${freeConnections} connections are free; Wardroom takes up to ${CONNECTIONS}`,
        'raise max_connections of PostgreSQL (not counted: those of a Wardroom that runs already)',
      ),
    );
  return findings;
};
