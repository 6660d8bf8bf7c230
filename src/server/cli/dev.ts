import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { durationMs } from '../../tickets/times.ts';
import { CommandError, exitCode, printJson } from './exit.ts';

interface DirOption {
  readonly dir?: string;
}

const part = () => new Argument('<part>', 'which process').choices(['wardroom', 'synapse', 'postgres']);
const withDir = (command: Command): Command =>
  command.option('--dir <dir>', 'where everything of it lies (default: .wardroom/dev)');
const withHospital = (command: Command): Command =>
  withDir(command).addOption(new Option('--hospital <n>', 'which hospital').argParser(wholeNumber).default(1));

/** Loaded only when used: a production installation has no embedded hospital. */
const hospital = () => import('../../dev/commands.ts');

export const devCommand = (): Command => {
  const dev = new Command('dev').description(
    'an embedded hospital on this machine: PostgreSQL, Synapse, Wardroom and people',
  );
  for (const command of [up, status, down, kill, start, clock]) dev.addCommand(command());
  return dev;
};

const up = () =>
  withDir(new Command('up').description('start it in the background; returns when everything is ready'))
    .addOption(new Option('--hospitals <n>', 'how many, federating').argParser(wholeNumber).default(1))
    .option('--data <file>', 'services, practices, people, protocols (default: config/dispatch.yaml)')
    .option(
      '-c, --config <file>',
      'more configuration, may be given several times',
      (file: string, files: string[] = []) => [...files, file],
    )
    .option('--json', 'one JSON document on stdout')
    .action(async (options: DirOption & { hospitals: number; data?: string; config?: string[]; json?: boolean }) => {
      const { devUp } = await hospital();
      const { describeUp } = await import('../../dev/describeUp.ts');
      const { json, ...rest } = options;
      const document = await devUp({ ...rest, onProgress: (line) => process.stderr.write(`${line}\n`) });
      if (json) printJson(document);
      else process.stdout.write(describeUp(document));
    });

const status = () =>
  withDir(new Command('status').description('what runs; exit 1 when it does not'))
    .option('--json', 'one JSON document on stdout')
    .action(async (options: DirOption & { json?: boolean }) => {
      const found = await (await hospital()).devStatus(options);
      if (options.json) printJson(found);
      else {
        process.stdout.write(`${found.dir}: ${found.state}\n`);
        for (const one of found.hospitals) {
          for (const [name, { running, pid }] of Object.entries(one.parts)) {
            process.stdout.write(`  ${one.name} ${name.padEnd(9)} ${running ? `runs, pid ${pid}` : 'down'}\n`);
          }
        }
        if (found.clock.offset_ms !== 0)
          process.stdout.write(`  business clock: ${Math.round(found.clock.offset_ms / 1000)} s from real time\n`);
      }
      process.exitCode = found.running ? exitCode.ok : exitCode.failed;
    });

const down = () =>
  withDir(new Command('down').description('end it; leaves no process behind, keeps its data')).action(
    async (options: DirOption) => {
      await (await hospital()).devDown(options);
    },
  );

const kill = () =>
  withHospital(
    new Command('kill').description('SIGKILL one part; it stays down until started').addArgument(part()),
  ).action(async (name: 'wardroom' | 'synapse' | 'postgres', options: DirOption & { hospital: number }) => {
    await (await hospital()).devKill({ ...options, part: name });
  });

const start = () =>
  withHospital(
    new Command('start').description('start one part again; returns when it is ready').addArgument(part()),
  ).action(async (name: 'wardroom' | 'synapse' | 'postgres', options: DirOption & { hospital: number }) => {
    await (await hospital()).devStart({ ...options, part: name });
  });

const clock = () => {
  const command = new Command('clock').description("Wardroom's business clock: ladders, rosters, agreements, expiry");
  const move = async (options: DirOption, change: { set: number } | { advance: number } | { real: true }) => {
    await (await hospital()).devClock({ ...options, change });
  };
  command.addCommand(
    withDir(
      new Command('set').argument('<iso>', 'an instant, RFC 3339').description('from here on it is this instant'),
    ).action((iso: string, options: DirOption) => {
      const at = /(?:Z|[+-]\d\d:\d\d)$/i.test(iso) ? Date.parse(iso) : Number.NaN;
      if (Number.isNaN(at))
        throw new CommandError(exitCode.usage, 'not an instant with its offset, such as 2026-11-27T02:04:20-05:00');
      return move(options, { set: at });
    }),
  );
  command.addCommand(
    withDir(new Command('advance').argument('<duration>', '25m, 90s, 2h').description('forward by so much')).action(
      (text: string, options: DirOption) => {
        const ms = durationMs(text);
        if (ms === null || ms < 0) throw new CommandError(exitCode.usage, 'not a duration such as 25m, 90s or 2h');
        return move(options, { advance: ms });
      },
    ),
  );
  command.addCommand(
    withDir(new Command('real').description("back to the machine's time")).action((options: DirOption) =>
      move(options, { real: true }),
    ),
  );
  return command;
};

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('must be a number from 1');
  return Number(text);
}
