import { Phi, Secret } from '../../src/kernel/phi.ts';
import { createLog } from '../../src/server/log.ts';

const CANARY = 'CNRY-L0-marten';

function captured(level = 'trace') {
  const lines: string[] = [];
  const log = createLog(level, { write: (line: string) => lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) };
}

describe('a log line', () => {
  it('has its level as a word, its time with offset, ids and a code', () => {
    const { log, last } = captured();
    log.info({ code: 'ticket.accepted', ticket: 'tkt_1' }, 'ticket accepted');
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      code: 'ticket.accepted',
      ticket: 'tkt_1',
      msg: 'ticket accepted',
    });
  });

  it('below the level is not written', () => {
    const { log, lines } = captured('warn');
    log.info('quiet');
    expect(lines).toEqual([]);
  });

  it('shows nothing of health information and secrets in their wrappers', () => {
    const { log, lines } = captured();
    log.info({ value: new Phi(CANARY), deep: { er: [new Secret(CANARY)] } }, `with ${new Phi(CANARY)}`);
    log.info('%s %o %j', new Phi(CANARY), new Secret(CANARY), new Phi({ name: CANARY }));
    expect(lines.join()).not.toContain(CANARY);
  });

  it('hides what stands under the name of a field that carries health information or a secret, three levels down', () => {
    const { log, lines } = captured();
    for (const key of [
      'reason',
      'patient',
      'caller',
      'body',
      'content',
      'authorization',
      'access_token',
      'text',
      'query',
    ]) {
      log.info({ [key]: CANARY }, 'x');
      log.info({ ticket: { [key]: { name: CANARY } } }, 'x');
      log.info({ request: { ticket: { [key]: CANARY } } }, 'x');
      log.child({ [key]: CANARY }).info('x');
    }
    expect(lines.length).toBe(36);
    expect(lines.join()).not.toContain(CANARY);
  });

  it('tells of an error its class, code and place, and not its message, whichever way it is passed', () => {
    const { log, lines, last } = captured();
    const cause = new TypeError(`unexpected token in "${CANARY}"`);
    const error = Object.assign(new Error(`${CANARY}\n    at fake (${CANARY}:1:1)`, { cause }), {
      code: 'ECONNRESET',
      detail: CANARY,
    });
    log.error(error);
    log.error(error, 'failed');
    log.error({ err: error });
    log.error({ error, code: 'x' }, 'failed');
    expect(lines.join()).not.toContain(CANARY);
    expect(last().error).toMatchObject({ type: 'Error', code: 'ECONNRESET', cause: { type: 'TypeError' } });
    expect(last().error.at[0]).toContain('log.test.ts');
    log.error({ err: CANARY }, 'thrown text');
    log.error({ err: Object.assign(new Error(''), { code: `has ${CANARY}` }) }, 'odd code');
    expect(lines.join()).not.toContain(CANARY);
  });
});
