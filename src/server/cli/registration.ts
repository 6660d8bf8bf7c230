import { resolve } from 'node:path';
import { Command } from 'commander';
import { configOf, withConfigOption } from './configFiles.ts';

export const registrationCommand = (): Command =>
  withConfigOption(
    new Command('registration').description(
      'write the file the homeserver loads (mode 0600); its tokens are generated once',
    ),
  )
    .option('--out <file>', 'where to write it (default: appservice.registration_file)')
    .action(async (options: { config?: string[]; out?: string }) => {
      const { writeRegistration } = await import('../registration.ts');
      const { appservice, homeserver } = configOf(options);
      const path = resolve(options.out ?? appservice.registration_file);
      writeRegistration(path, appservice.url, homeserver.server_name);
      process.stdout.write(`${path}\n`);
      if (path !== appservice.registration_file)
        process.stderr.write(
          `serve reads its tokens from ${appservice.registration_file}: set appservice.registration_file to ${path}, or copy it there\n`,
        );
    });
