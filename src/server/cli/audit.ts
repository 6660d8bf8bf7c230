import { Command } from 'commander';
import { configOf, filesOf, withConfigOption } from './configFiles.ts';
import { exitCode, printJson } from './exit.ts';
import { unreachable } from './unreachable.ts';

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
        const { withDatabase } = await import('../reachDatabase.ts');
        const report = await withDatabase(configOf({ config: await filesOf(options) }), checkAuditLog).catch(
          unreachable,
        );
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
