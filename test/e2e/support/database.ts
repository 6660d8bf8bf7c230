import pg from 'pg';
import type { HospitalInfo } from '../../../src/dev/hospitalInfo.ts';

/** Asks Wardroom's database of the embedded hospital, on a connection of its own. */
export async function ask<Row extends pg.QueryResultRow>(
  hospital: HospitalInfo,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: hospital.processes.postgres.url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
