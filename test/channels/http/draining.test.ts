import { once } from 'node:events';
import { connect } from 'node:net';
import { aTicket, startRig } from './rig.ts';

describe('a process that stops', () => {
  it('answers new requests 503 with Retry-After, is not ready, and finishes what is under way', async () => {
    const rig = await startRig();
    let release = () => {};
    rig.tickets.hold = new Promise((resolve) => {
      release = resolve;
    });
    const underWay = rig.post(aTicket());
    while (rig.tickets.calls === 0) await rig.call('/health');

    rig.gate.close();
    const refused = await rig.post(aTicket({ id: 'too late' }));
    expect(refused).toMatchObject({ status: 503, body: { code: 'stopping' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('connection')).toBe('close');
    const ready = await rig.call('/ready');
    expect(ready).toMatchObject({ status: 503, body: { not_ready: ['process'] } });
    expect((await rig.call('/health')).status).toBe(200);

    const stopped = rig.listener.stop(60_000);
    release();
    expect((await underWay).status).toBe(202);
    await stopped;
    expect(rig.tickets.tickets.size).toBe(1);
    await expect(rig.call('/health')).rejects.toThrow();
  });

  it('cuts off who does not come to an end within the grace', async () => {
    const rig = await startRig();
    rig.tickets.hold = new Promise(() => {});
    const underWay = rig.post(aTicket()).then(
      () => 'answered',
      () => 'cut',
    );
    while (rig.tickets.calls === 0) await rig.call('/health');
    await rig.listener.stop(50);
    expect(await underWay).toBe('cut');
  });
});

describe('a client that sends a byte now and then', () => {
  it.each([
    ['in its headers', 'POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    [
      'in its body',
      `POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
    ],
  ])('%s loses its connection', async (_where, beginning) => {
    const rig = await startRig({}, { headersTimeoutMs: 300, requestTimeoutMs: 300 });
    const socket = connect(rig.listener.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    socket.write(beginning);
    const drip = setInterval(() => socket.write('a'), 50);
    try {
      // Not `once` of events, which rejects when the cut comes as a reset.
      await new Promise((resolve) => socket.once('close', resolve));
      expect(rig.tickets.calls).toBe(0);
    } finally {
      clearInterval(drip);
      await rig.stop();
    }
  });
});
