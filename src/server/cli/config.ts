import { Command } from 'commander';
import { faultLine, policyProblems } from '../config/index.ts';
import { configOf, withConfigOption } from './configFiles.ts';
import { CommandError, exitCode, printJson } from './exit.ts';

export const configCommand = (): Command => {
  const config = new Command('config').description('the configuration');
  config.addCommand(
    withConfigOption(
      new Command('check').description('list every fault as file:line key.path: what; exit 2 if there is one'),
    )
      .option('--json', 'one JSON document on stdout')
      .action((options: { config?: string[]; json?: boolean }) => {
        const config = configOf(options);
        const { faults, warnings: ofPolicy } = policyProblems(config.policy);
        if (faults.length > 0) throw new CommandError(exitCode.usage, faults.map(faultLine).join('\n'));
        const warnings = [...config.warnings, ...ofPolicy];
        if (options.json) printJson({ ok: true, warnings });
        else {
          for (const warning of warnings) process.stderr.write(`warning: ${faultLine(warning)}\n`);
          process.stdout.write('the configuration is valid\n');
        }
      }),
  );
  config.addCommand(
    new Command('schema').description('print the JSON Schema of the configuration').action(async () => {
      const { configSchema } = await import('../config/jsonSchema.ts');
      printJson(configSchema());
    }),
  );
  return config;
};
