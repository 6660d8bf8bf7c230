import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { carrierTo, outbound, Told, untilState } from './carrierRig.ts';

const isInstalled = spawnSync('perl', ['-MNet::SMPP', '-e', '1']).status === 0;
if (!isInstalled)
  process.stderr.write(
    '\nNOT TRIED: SMPP against Net::SMPP. Install the Debian package libnet-smpp-perl, or run .ci/run as root.\n\n',
  );

/** Another implementation than the npm package's, by other people, in another language. */
(isInstalled ? describe : describe.skip)('an SMSC on Net::SMPP', () => {
  it('binds us, takes long texts, brings some, and is understood in its receipts', async () => {
    const script = fileURLToPath(new URL('netSmpp.pl', import.meta.url));
    const smsc = spawn('perl', [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const exited = once(smsc, 'exit');
      const lines: string[] = [];
      let woken = (): void => undefined;
      createInterface({ input: smsc.stdout }).on('line', (line) => {
        lines.push(line);
        woken();
      });
      const until = async (word: string, count: number): Promise<string[]> => {
        for (;;) {
          const said = lines.filter((line) => line.startsWith(`${word} `) || line === word);
          if (said.length >= count) return said;
          await new Promise<void>((resolve) => {
            woken = resolve;
          });
        }
      };
      const [port = ''] = await until('port', 1);
      const told = new Told();
      const carrier = carrierTo(Number(port.slice(5)), told);
      await untilState(carrier, 'ready');
      expect(await until('bind', 1)).toEqual(['bind wardroom secret12 34']);
      expect(await until('answered', 2)).toEqual(['answered 0', 'answered 0']);
      expect(told.bodies).toEqual(['My knee is swollen again, can I come today?']);

      const long = `${'Please bring your card. '.repeat(8)}{€5}`;
      const handed = await carrier.send(outbound(long));
      expect(handed).toEqual({ outcome: 'taken', carrierId: '0000ABC2', segments: 2 });
      const submitted = (await until('submit', 2)).map((line) => line.split(' '));
      expect(submitted.map(([, to, esmClass, coding]) => [to, esmClass, coding])).toEqual([
        ['12125550142', '67', '0'],
        ['12125550142', '67', '0'],
      ]);
      const headers = submitted.map(([, , , , hex = '']) => hex.slice(0, 12));
      expect(headers.map((header) => [header.slice(0, 6), header.slice(8)])).toEqual([
        ['050003', '0201'],
        ['050003', '0202'],
      ]);
      await until('answered', 4);
      expect(told.reports).toEqual([
        { carrierId: '0000ABC2', alsoKnownAs: [], state: 'delivered', carrierCode: null, refusal: null },
      ]);
      await carrier.stop();
      expect(await exited).toEqual([0, null]);
      expect(lines.at(-1)).toBe('unbound');
    } finally {
      smsc.kill();
    }
  });
});
