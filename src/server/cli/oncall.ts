import { userInfo } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Changed } from '../oncall/change.ts';
import type { Roster } from '../oncall/roster.ts';
import { configOf, filesOf, withConfigOption } from './configFiles.ts';
import { exitCode, printJson } from './exit.ts';

interface Common {
  readonly config?: string[];
  readonly dir?: string;
  readonly json?: boolean;
}
interface Changing extends Common {
  readonly tier: 'primary' | 'backup';
  readonly reason?: string;
  readonly by?: string;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function withRosterOf<T>(options: Common, work: (roster: Roster) => Promise<T>): Promise<T> {
  const { withRoster } = await import('../oncall/roster.ts');
  return withRoster(configOf({ config: await filesOf(options) }), work);
}

const sub = (name: string, description: string): Command =>
  withConfigOption(new Command(name).description(description))
    .option('--dir <dir>', 'the embedded hospital of this directory (wardroom dev) instead')
    .option('--json', 'one JSON document on stdout');

const changing = (name: string, description: string): Command =>
  sub(name, description)
    .addOption(
      new Option('--tier <tier>', 'whose shift: the holder’s or the backup’s')
        .choices(['primary', 'backup'])
        .default('primary'),
    )
    .option('--reason <text>', 'why; no patient data')
    .option('--by <name>', 'who says so, for the audit log (default: the user of the operating system)');

const count = (text: string): number => {
  if (!/^\d{1,4}$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('must be a number of days');
  return Number(text);
};

const author = ({ by }: Changing): string => by ?? `os:${userInfo().username}`;
const ofChange = (options: Changing) => ({ tier: options.tier, reason: options.reason, by: author(options) });

function tell(options: Common, { changes, findings }: Changed): void {
  if (options.json) {
    printJson({ changes, findings });
    return;
  }
  for (const { id, role, tier, from, to, who } of changes)
    say(
      `${id === null ? 'would be' : `#${id}`}: ${role}${tier === 'backup' ? '.backup' : ''} ${from} to ${to}: ${who === '' ? 'nobody' : who}`,
    );
  for (const { code, what } of findings) say(`  ${code}: ${what}`);
}

const who = (): Command =>
  sub('who', 'who is on call, now or at a time')
    .argument('<account>')
    .argument('[time]', 'local to the practice, 2026-11-29T10:22, or with an offset (default: now)')
    .option('--role <role>', 'only this role')
    .action(async (account: string, time: string | undefined, options: Common & { role?: string }) => {
      const { whoIs } = await import('../oncall/look.ts');
      await withRosterOf(options, async (roster) => {
        const found = whoIs(roster, account, { time, role: options.role });
        if (options.json) return printJson(found);
        for (const { role, holder, backup, alarms } of found.roles)
          say(
            `${role ?? 'default'}: ${holder.join(', ') || 'nobody'}${backup.length > 0 ? `, backup ${backup.join(', ')}` : ''}${alarms.length > 0 ? ` (${alarms.join(', ')})` : ''}`,
          );
        for (const { what } of found.findings) say(`  ${what}`);
      });
    });

const show = (): Command =>
  sub('show', 'the shifts of the coming days')
    .argument('<account>')
    .option('--from <time>', 'local to the practice (default: now)')
    .option('--days <n>', 'how many days', count, 14)
    .option('--role <role>', 'only this role')
    .action(async (account: string, options: Common & { from?: string; days: number; role?: string }) => {
      const { shiftsOf } = await import('../oncall/look.ts');
      await withRosterOf(options, async (roster) => {
        const found = shiftsOf(roster, account, options);
        if (options.json) return printJson(found);
        say(`times in ${found.tz}`);
        for (const { role, tier, from, to, who: holder, via } of found.shifts)
          say(
            `${from}  ${to}  ${tier === 'backup' ? `${role}.backup` : role}  ${holder ?? 'NOBODY'}${via === 'override' ? '  (override)' : ''}`,
          );
      });
    });

const gaps = (): Command =>
  sub(
    'gaps',
    'holes in the schedules, ended agreements, and people whom no page reaches; exit code 1 when there are any',
  )
    .argument('[account]', 'default: all')
    .option('--days <n>', 'how far ahead', count, 14)
    .option(
      '--unseen-days <n>',
      'a person not seen for so many days counts as not reached (default: oncall.unseen_after)',
      count,
    )
    .option('--no-devices', 'do not ask the homeserver about devices')
    .action(
      async (
        account: string | undefined,
        options: Common & { days: number; unseenDays?: number; devices: boolean },
      ) => {
        const { gapsOf } = await import('../oncall/look.ts');
        await withRosterOf(options, async (roster) => {
          const found = await gapsOf(roster, account, options);
          if (options.json) printJson({ ok: found.gaps.length === 0, ...found });
          else {
            for (const { what } of found.gaps) say(what);
            for (const note of found.notes) process.stderr.write(`note: ${note}\n`);
            if (found.gaps.length === 0) say(`no gap in ${found.days} days`);
          }
          process.exitCode = found.gaps.length === 0 ? exitCode.ok : exitCode.failed;
        });
      },
    );

const simulateCommand = (): Command =>
  sub('simulate', 'a dry run: who would be alerted when and how, if nobody took notice, and what is wrong with it')
    .argument('<account>')
    .argument('[time]', 'when the ticket is accepted; local to the practice or with an offset (default: now)')
    .argument('[urgency]', 'STAT, URGENT, ROUTINE or FYI (default: STAT)')
    .action(async (account: string, time: string | undefined, urgency: string | undefined, options: Common) => {
      const { dryRun } = await import('../oncall/look.ts');
      await withRosterOf(options, async (roster) => {
        const found = dryRun(roster, account, time, urgency);
        if (options.json) return printJson(found);
        say(`${found.protocol}, accepted ${found.at}; times in ${found.tz}`);
        for (const step of found.steps)
          say(
            `${step.local}  step ${step.step}${step.repeat > 1 ? `, time ${step.repeat}` : ''}  ${step.do}${step.to === null ? '' : ` ${step.to}`}: ${step.people.length > 0 ? `${step.people.join(', ')}: ` : ''}${step.how}`,
          );
        for (const { code, what } of found.findings) say(`FINDING ${code}: ${what}`);
        if (found.alarms.length > 0)
          say(`ALARM ${found.alarms.join(', ')}: to ${found.alarms_to.join(', ') || 'nobody'}`);
      });
    });

const set = (): Command =>
  changing('set', 'somebody takes over now, until the shift that runs now would end')
    .argument('<account>')
    .argument('<role>')
    .argument('<person>', 'key or Matrix id; nobody: a hole on purpose')
    .option('--until <time>', 'local to the practice')
    .action(async (account: string, role: string, person: string, options: Changing & { until?: string }) => {
      const { setNow } = await import('../oncall/change.ts');
      tell(
        options,
        await withRosterOf(options, (roster) =>
          setNow(roster, account, role, person, { ...ofChange(options), until: options.until }),
        ),
      );
    });

const overrideCommand = (): Command =>
  changing('override', 'somebody holds a role from one time to another, whatever the rotation says')
    .argument('<account>')
    .argument('<role>')
    .argument('<person>', 'key or Matrix id; nobody: a hole on purpose')
    .argument('<from>', 'local to the practice, 2026-12-24T07:00')
    .argument('<to>', 'not included')
    .action(async (account: string, role: string, person: string, from: string, to: string, options: Changing) => {
      const { override } = await import('../oncall/change.ts');
      tell(
        options,
        await withRosterOf(options, (roster) => override(roster, account, role, person, from, to, ofChange(options))),
      );
    });

const swapCommand = (): Command =>
  changing('swap', 'two people trade their shifts in a period')
    .argument('<account>')
    .argument('<role>')
    .argument('<person>')
    .argument('<other>')
    .argument('<from>', 'local to the practice')
    .argument('<to>', 'not included')
    .action(
      async (
        account: string,
        role: string,
        person: string,
        other: string,
        from: string,
        to: string,
        options: Changing,
      ) => {
        const { swap } = await import('../oncall/change.ts');
        tell(
          options,
          await withRosterOf(options, (roster) =>
            swap(roster, account, role, [person, other], from, to, ofChange(options)),
          ),
        );
      },
    );

const importCommand = (): Command =>
  changing('import', 'shifts from a CSV file (from,to,who) or an iCalendar file, as overrides; all or none')
    .argument('<account>')
    .argument('<role>')
    .argument('<file>')
    .option('--dry-run', 'say what would be kept, and keep nothing')
    .action(async (account: string, role: string, file: string, options: Changing & { dryRun?: boolean }) => {
      const { importFile } = await import('../oncall/change.ts');
      tell(
        options,
        await withRosterOf(options, (roster) =>
          importFile(roster, account, role, file, { ...ofChange(options), dryRun: options.dryRun ?? false }),
        ),
      );
    });

const withdrawCommand = (): Command =>
  sub('withdraw', 'take a change back, by the number that it was given')
    .argument('<id>', 'as `set`, `override`, `swap` and `import` print it', count)
    .option('--by <name>', 'who says so, for the audit log')
    .action(async (id: number, options: Changing) => {
      const { withdraw } = await import('../oncall/change.ts');
      await withRosterOf(options, (roster) => withdraw(roster, id, author(options)));
      if (options.json) printJson({ withdrawn: id });
      else say(`#${id} withdrawn`);
    });

/** Who is on call (README, "A scheduler's first ten minutes"). */
export const oncallCommand = (): Command => {
  const oncall = new Command('oncall').description('schedules: who is on call, and changes to it');
  for (const command of [
    who,
    show,
    gaps,
    simulateCommand,
    set,
    overrideCommand,
    swapCommand,
    importCommand,
    withdrawCommand,
  ])
    oncall.addCommand(command());
  return oncall;
};
