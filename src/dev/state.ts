import { join, resolve } from 'node:path';
import { checkout } from './checkout.ts';
import { randomSecret, readIfThere, writeAtomic } from './files.ts';
import type { Layout } from './layout.ts';
import { freePorts } from './ports.ts';

/** What stays the same from one `up` to the next. Names and ports are part of ids and of what people have noted down. */
export interface DevState {
  readonly version: 1;
  readonly name: string;
  readonly serverName: string;
  readonly ports: {
    readonly postgres: number;
    readonly synapse: number;
    readonly appservice: number;
    readonly api: number;
    readonly metrics: number;
  };
  readonly passwords: { readonly synapse: string; readonly owner: string; readonly service: string };
  readonly data: string;
  readonly config: readonly string[];
}

/** The state of the directory, made at the first `up`; `--data` and `--config`, when given, replace the earlier ones. */
export async function ensureState(
  layout: Layout,
  given: { readonly data?: string; readonly config?: readonly string[] },
): Promise<DevState> {
  const text = await readIfThere(layout.state);
  const before = text === null ? await newState() : (JSON.parse(text) as DevState);
  const state: DevState = {
    ...before,
    data: given.data === undefined ? before.data : resolve(given.data),
    config:
      given.config === undefined || given.config.length === 0
        ? before.config
        : given.config.map((file) => resolve(file)),
  };
  await writeAtomic(layout.state, `${JSON.stringify(state, null, 2)}\n`);
  return state;
}

async function newState(): Promise<DevState> {
  const [postgres, synapse, appservice, api, metrics, name] = (await freePorts(6)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    version: 1,
    name: 'one',
    serverName: `localhost:${name}`,
    ports: { postgres, synapse, appservice, api, metrics },
    passwords: { synapse: randomSecret(), owner: randomSecret(), service: randomSecret() },
    data: join(checkout, 'config', 'dispatch.yaml'),
    config: [],
  };
}
