import { Command } from 'commander';
import { configOf, withConfigOption } from './configFiles.ts';
import { CommandError } from './exit.ts';

export const serveCommand = (): Command =>
  withConfigOption(new Command('serve').description('run the service until SIGTERM or SIGINT')).action(
    async (options: { config?: string[] }) => {
      const { serve } = await import('../serve.ts');
      try {
        await serve(configOf(options));
      } catch (error) {
        // Parts that did start may hold the process open.
        if (error instanceof CommandError) {
          process.stderr.write(`${error.message}\n`);
          process.exit(error.code);
        }
        throw error;
      }
    },
  );
