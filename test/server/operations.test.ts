import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { TRIED } from '../../src/server/doctor/homeserver.ts';
import { createMetrics } from '../../src/server/metrics.ts';

const file = (path: string) => readFileSync(new URL(`../../docker/${path}`, import.meta.url), 'utf8');

const fresh = () =>
  createMetrics({
    tickets: async () => [],
    queueDepth: async () => 0,
    oldestUnsent: async () => 0,
    backupAge: async () => 0,
    parts: async () => [{ part: 'database', ok: true }],
  }).registry;

/** What is exported, with the series that a histogram has. */
async function exported(): Promise<Set<string>> {
  const metrics = await fresh().getMetricsAsJSON();
  return new Set(
    metrics.flatMap(({ name, type }) =>
      String(type) === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

const named = (text: string): string[] => [...new Set(text.match(/wardroom_[a-z_]+/g) ?? [])];

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: { readonly summary: string; readonly remedy: string };
      readonly labels: { readonly severity: string };
    }[];
  }[];
}

describe('what operators are given', () => {
  it('alerts only by figures that are exported, each with what to do', async () => {
    const known = await exported();
    const rules = (parse(file('prometheus/alerts.yaml')) as Rules).groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(8);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { expr, annotations, labels } of rules) {
      for (const metric of named(expr)) expect(known).toContain(metric);
      expect([annotations.summary, annotations.remedy].every((text) => text.length > 10)).toBe(true);
      expect(['page', 'ticket']).toContain(labels.severity);
    }
  });

  it('alerts at the first occurrence: every series it asks for is there, at 0, when Wardroom starts', async () => {
    const lines = (await fresh().metrics()).split('\n').filter((line) => line.startsWith('wardroom_'));
    const series = lines.map((line) => {
      const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
      return {
        name,
        labels: new Map([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value]) => [key, value])),
      };
    });
    const matches = (value: string, sign: string, wanted: string): boolean => {
      if (sign === '=') return value === wanted;
      return new RegExp(`^(?:${wanted})$`).test(value) === (sign === '=~');
    };
    const rules = (parse(file('prometheus/alerts.yaml')) as Rules).groups.flatMap((group) => group.rules);
    let seen = 0;
    for (const { alert, expr } of rules) {
      // What no list can name is compared with what there was before.
      if (/ unless wardroom_\w+\{[^}]*\} offset /.test(expr)) continue;
      for (const [, name = '', matchers = ''] of expr.matchAll(/(wardroom_\w+)(?:\{([^}]*)\})?/g)) {
        const wanted = [...matchers.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)];
        const found = series.some(
          (one) =>
            one.name === name &&
            wanted.every(([, key = '', sign = '', text = '']) => matches(one.labels.get(key) ?? '', sign, text)),
        );
        expect({ alert, name, matchers, found }).toMatchObject({ found: true });
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(12);
  });

  it('keeps the beginning of an alarm’s code that a rule asks for', async () => {
    const metrics = createMetrics({});
    for (const code of ['audit-57P03', 'crypto.store_lost', 'Some Text']) metrics.alarm(code);
    const text = await metrics.registry.metrics();
    for (const code of ['audit-other', 'crypto.store_lost', 'other'])
      expect(text).toContain(`wardroom_alarms_total{code="${code}"} 1`);
  });

  it('shows on the dashboard only figures that are exported, and all of ours', async () => {
    const known = await exported();
    const text = file('grafana/wardroom.json');
    const dashboard = JSON.parse(text) as { panels: { id: number; targets: { expr: string }[] }[] };
    const shown = named(dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join(' '));
    for (const metric of shown) expect(known).toContain(metric);
    const ours = [...known].filter((name) => name.startsWith('wardroom_') && !/_(bucket|sum|count)$/.test(name));
    for (const metric of ours) expect(shown.some((one) => one === metric || one === `${metric}_bucket`)).toBe(true);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it('warns of a homeserver that is newer than the one all of this was tried with', () => {
    const [major, minor] = TRIED;
    expect(file('synapse/requirements.in')).toMatch(new RegExp(`^matrix-synapse==${major}\\.${minor}\\.`, 'm'));
  });

  it('runs the service with the command and options that the command line has', () => {
    const unit = file('systemd/wardroom.service');
    expect(unit).toMatch(/^ExecStart=\S+\/node_modules\/\.bin\/wardroom serve( --config \S+){2}$/m);
  });
});
