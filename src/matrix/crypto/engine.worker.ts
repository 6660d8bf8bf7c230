/** One voice's OlmMachine in a thread of its own: a panic inside WASM ends the thread and nothing else (design.md 6.3). */
import { parentPort } from 'node:worker_threads';
import type { Commit } from './durableIndexedDb.ts';
import { EngineError, engineCalls } from './engineCalls.ts';
import type { FromWorker, ToWorker } from './engineProtocol.ts';

const port = parentPort;
if (port === null) throw new Error('engine.worker.ts runs as a worker thread');

const writes = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
let lastWrite = 0;

const post = (message: FromWorker): void => port.postMessage(message);

const commit: Commit = (changes, also) =>
  new Promise((resolve, reject) => {
    const id = ++lastWrite;
    writes.set(id, { resolve, reject });
    post({ kind: 'write', id, changes, syncToken: also?.syncToken ?? null });
  });

const calls = engineCalls(commit, post);

port.on('message', (message: ToWorker) => {
  if (message.kind === 'written') {
    const write = writes.get(message.id);
    writes.delete(message.id);
    if (message.ok) write?.resolve();
    else write?.reject(new Error('not durable'));
    return;
  }
  const { id, call, argument } = message;
  const run = calls[call] as (argument: unknown) => Promise<unknown>;
  run(argument).then(
    (value) => post({ kind: 'answer', id, value }),
    (error: unknown) => post({ kind: 'failed', id, code: error instanceof EngineError ? error.code : 'engine' }),
  );
});
