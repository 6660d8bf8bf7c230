import { Command } from 'commander';
import { configOf, defaultConfigFiles, withConfigOption } from './configFiles.ts';
import { CommandError, exitCode, printJson } from './exit.ts';

/** An embedded hospital's files where one is asked for, or where nothing else is configured and one is there. */
async function filesOf(options: { config?: string[]; dir?: string }): Promise<string[]> {
  if (options.config && !options.dir) return options.config;
  const { devConfigFiles } = await import('../../dev/wardroomConfig.ts');
  const files = await devConfigFiles(options.dir);
  if (options.dir && !files)
    throw new CommandError(exitCode.usage, `${options.dir}: no embedded hospital (wardroom dev up)`);
  return files ?? defaultConfigFiles();
}

export const auditCommand = (): Command => {
  const audit = new Command('audit').description('the tamper-evident log');
  audit.addCommand(
    withConfigOption(
      new Command('fsck').description(
        'recompute the live log from the database and compare it with its signed checkpoint',
      ),
    )
      .option('--dir <dir>', 'check the embedded hospital of this directory (wardroom dev) instead')
      .option('--json', 'one JSON document on stdout')
      .action(async (options: { config?: string[]; dir?: string; json?: boolean }) => {
        const { checkAuditLog } = await import('../checkAuditLog.ts');
        const report = await checkAuditLog(configOf({ config: await filesOf(options) }));
        if (options.json) printJson(report);
        else {
          const verdict = report.ok ? 'holds' : 'DOES NOT HOLD';
          process.stdout.write(
            `the audit log ${verdict}: ${report.entries} entries, tree size ${report.size}, root ${report.root}\n`,
          );
          for (const finding of report.findings) {
            process.stdout.write(
              `  ${finding.code}${finding.index === undefined ? '' : ` at ${finding.index}`}: ${finding.what}\n`,
            );
          }
        }
        process.exitCode = report.ok ? exitCode.ok : exitCode.failed;
      }),
  );
  return audit;
};
