import { Dispatcher } from '../../src/flows/dispatcher.ts';
import type { Job } from '../../src/flows/ports.ts';
import { messageId } from '../../src/kernel/ids.ts';
import type { Urgency } from '../../src/tickets/ticket.ts';

const job = (name: string, urgency: Urgency): Job => ({ task: 'post', messageId: messageId(name), urgency });

/** A dispatcher whose work ends when the test says so. */
function rig(atOnce: number) {
  const started: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const failures: unknown[] = [];
  const dispatcher = new Dispatcher({
    atOnce,
    perform: (one) => {
      const name = one.task === 'post' ? one.messageId : one.ticketId;
      const end = Promise.withResolvers<void>();
      started.push(name);
      ends.set(name, end);
      return end.promise;
    },
    onFailure: (_job, error) => failures.push(error),
  });
  /** Ends one and lets what follows from it happen. */
  const end = async (name: string, error?: Error) => {
    if (error) ends.get(name)?.reject(error);
    else ends.get(name)?.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { dispatcher, started, failures, end };
}

describe('the dispatcher', () => {
  it('does the most urgent first, and no more at once than it may', async () => {
    const { dispatcher, started, end } = rig(1);
    dispatcher.add([job('first', 'fyi')]);
    dispatcher.add([job('routine', 'routine'), job('stat', 'stat'), job('urgent', 'urgent')]);
    expect(started).toEqual(['first']);
    expect(dispatcher.depth).toBe(4);
    for (const name of ['first', 'stat', 'urgent', 'routine']) await end(name);
    expect(started).toEqual(['first', 'stat', 'urgent', 'routine']);
    expect(dispatcher.depth).toBe(0);
  });

  it('goes on after a failure, and tells of it', async () => {
    const { dispatcher, started, failures, end } = rig(1);
    dispatcher.add([job('bad', 'stat'), job('good', 'stat')]);
    await end('bad', new Error('no'));
    expect(failures.map(String)).toEqual(['Error: no']);
    expect(started).toEqual(['bad', 'good']);
    await end('good');
  });

  it('stops when what runs has ended, and begins nothing more', async () => {
    const { dispatcher, started, end } = rig(1);
    dispatcher.add([job('runs', 'stat'), job('waits', 'stat')]);
    let isStopped = false;
    const stopped = dispatcher.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    await end('runs');
    await stopped;
    expect(started).toEqual(['runs']);
  });
});
