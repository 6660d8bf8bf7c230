import { Command } from 'commander';
import { configOf, withConfigOption } from './configFiles.ts';

export const serveCommand = (): Command =>
  withConfigOption(new Command('serve').description('run the service until SIGTERM or SIGINT')).action(
    async (options: { config?: string[] }) => {
      const { serve } = await import('../serve.ts');
      await serve(configOf(options));
    },
  );
