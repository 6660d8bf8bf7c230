import pg from 'pg';

/** The two roles of Wardroom's database and the passwords they get (design decision 15). */
export interface RolePasswords {
  readonly owner: string;
  readonly service: string;
}

/** Makes the roles and the database, or brings their passwords up to date. `adminUrl`: a superuser of that server. */
export async function createRolesAndDatabase(
  adminUrl: string,
  database: string,
  passwords: RolePasswords,
): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const [role, password] of [
      ['wardroom_owner', passwords.owner],
      ['wardroom_service', passwords.service],
    ] as const) {
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      await client.query(
        `${rowCount ? 'ALTER' : 'CREATE'} ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(password)}`,
      );
    }
    await client.query('GRANT wardroom_service TO wardroom_owner');
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (!rowCount)
      await client.query(
        `CREATE DATABASE ${client.escapeIdentifier(database)} OWNER wardroom_owner TEMPLATE template0`,
      );
  } finally {
    await client.end();
  }
}
