import { Command } from 'commander';
import { configOf, defaultConfigFiles, withConfigOption } from './configFiles.ts';
import { exitCode, printJson } from './exit.ts';

const SIGN = { ok: 'ok     ', warning: 'WARNING', error: 'ERROR  ' } as const;

export const doctorCommand = (): Command =>
  withConfigOption(
    new Command('doctor').description(
      'look at everything Wardroom needs, before or while it runs: what is wrong, and the line to change',
    ),
  )
    .option('--json', 'one JSON document on stdout')
    .action(async (options: { config?: string[]; json?: boolean }) => {
      const config = configOf(options);
      const { placesOf } = await import('../config/index.ts');
      const { examine } = await import('../doctor/examine.ts');
      const diagnosis = await examine(config, placesOf(options.config ?? defaultConfigFiles()));
      if (options.json) printJson(diagnosis);
      else {
        for (const { code, severity, what, remedy } of diagnosis.findings) {
          process.stdout.write(`${SIGN[severity]} ${code}: ${what}\n`);
          if (remedy !== '') process.stdout.write(`        -> ${remedy}\n`);
        }
        process.stdout.write(diagnosis.ok ? 'nothing stands in the way\n' : 'Wardroom cannot do its work like this\n');
      }
      process.exitCode = diagnosis.ok ? exitCode.ok : exitCode.failed;
    });
