import type { Diagnosis } from '../../flows/operationsPort.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';

/** What is well is only named. */
interface Told {
  readonly ok: boolean;
  readonly findings: Diagnosis['findings'];
  readonly well: readonly string[];
}

export const doctor: Command = {
  name: 'doctor',
  takes: [],
  summary: 'looks at everything Wardroom needs and says what to do about what is wrong',
  needs: 'an administrator',
  examples: [{ say: 'doctor', does: 'does what `wardroom doctor` does; it takes a few seconds' }],
  needsIdentity: false,
  prepare: () => ok(async () => ({ outcome: 'running', code: 'running', data: {}, audit: [] })),
  async finish(_data, { operations }) {
    const diagnosis = await operations.doctor();
    const told: Told = {
      ok: diagnosis.ok,
      findings: diagnosis.findings.filter(({ severity }) => severity !== 'ok'),
      well: [...new Set(diagnosis.findings.flatMap(({ code, severity }) => (severity === 'ok' ? [code] : [])))],
    };
    return { outcome: 'ok', code: told.ok ? 'well' : 'faulty', data: { ...told }, audit: [] };
  },
  say(data) {
    const { ok: isWell, findings, well } = data as unknown as Told;
    return [
      isWell ? 'Nothing stands in the way.' : 'Wardroom cannot do its work like this.',
      ...(findings.length === 0
        ? []
        : [
            {
              head: ['', 'What', 'What to do'],
              rows: findings.map((one) => [
                one.severity === 'error' ? 'ERROR' : 'warning',
                `${one.code}: ${one.what}`,
                one.remedy,
              ]),
            },
          ]),
      ...(well.length > 0 ? [`Well: ${well.join(', ')}.`] : []),
    ];
  },
};
