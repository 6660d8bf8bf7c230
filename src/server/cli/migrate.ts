import { Command } from 'commander';
import { MigrationRefused, migrate } from '../../postgres/migrate.ts';
import { ownerUrl, serviceUrl } from '../database.ts';
import { configOf, withConfigOption } from './configFiles.ts';
import { CommandError, exitCode, printJson } from './exit.ts';
import { unreachable } from './unreachable.ts';

export const migrateCommand = (): Command =>
  withConfigOption(new Command('migrate').description("bring the database to this program's schema; safe to repeat"))
    .option('--json', 'one JSON document on stdout')
    .action(async (options: { config?: string[]; json?: boolean }) => {
      const config = configOf(options);
      const url = ownerUrl(config);
      if (!url && serviceUrl(config) === null) {
        const what =
          'nothing to do: without a `database` section Wardroom runs its own PostgreSQL, and migrates it at each start';
        if (options.json) printJson({ applied: [], version: null, what });
        else process.stdout.write(`${what}\n`);
        return;
      }
      if (!url)
        throw new CommandError(
          exitCode.usage,
          'database.owner_url_file is not set: migrations need the role that owns the schema',
        );
      try {
        const report = await migrate(url.reveal());
        if (options.json) printJson(report);
        else
          process.stdout.write(
            `${report.applied.length ? `applied ${report.applied.join(', ')}` : 'nothing to do'}; schema version ${report.version}\n`,
          );
      } catch (error) {
        if (error instanceof MigrationRefused) throw new CommandError(exitCode.failed, error.message);
        unreachable(error);
      }
    });
