import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { TRIED } from '../../src/server/doctor/homeserver.ts';
import { createMetrics } from '../../src/server/metrics.ts';

const file = (path: string) => readFileSync(new URL(`../../docker/${path}`, import.meta.url), 'utf8');

/** What is exported, with the series that a histogram has. */
async function exported(): Promise<Set<string>> {
  const sources = { tickets: async () => [], queueDepth: async () => 0, oldestUnsent: async () => 0 };
  const metrics = await createMetrics(sources).registry.getMetricsAsJSON();
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
