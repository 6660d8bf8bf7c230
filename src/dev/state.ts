import { join, resolve } from 'node:path';
import { checkout } from './checkout.ts';
import { randomSecret, readIfThere, writeAtomic } from './files.ts';
import { FIRST, type Layout } from './layout.ts';
import { freePorts } from './ports.ts';

/** What stays the same from one `up` to the next. Names and ports are part of ids and of what people have noted down. */
export interface DevState {
  readonly version: 2;
  readonly hospitals: readonly HospitalState[];
  readonly data: string;
  readonly config: readonly string[];
}

export interface HospitalState {
  readonly name: string;
  /** `localhost:PORT`: where other homeservers reach it. */
  readonly serverName: string;
  readonly ports: {
    readonly postgres: number;
    readonly synapse: number;
    readonly appservice: number;
    readonly api: number;
    readonly metrics: number;
  };
  readonly passwords: { readonly synapse: string; readonly owner: string; readonly service: string };
}

const NAMES = [FIRST, 'two', 'three', 'four'] as const;
/** As many as there are names; each takes about 1 GB. */
export const MOST_HOSPITALS = NAMES.length;

/**
 * The state of the directory, made at the first `up`; `--data` and `--config`, when given, replace the earlier ones. Hospitals are
 * only ever added: what one knows of another does not go away.
 */
export async function ensureState(
  layout: Layout,
  given: { readonly data?: string; readonly config?: readonly string[]; readonly hospitals?: number },
): Promise<DevState> {
  const before = (await readState(layout)) ?? (await newState());
  const hospitals = [...before.hospitals];
  for (const name of NAMES.slice(hospitals.length, given.hospitals ?? 1)) hospitals.push(await newHospital(name));
  const state: DevState = {
    ...before,
    hospitals,
    data: given.data === undefined ? before.data : resolve(given.data),
    config:
      given.config === undefined || given.config.length === 0
        ? before.config
        : given.config.map((file) => resolve(file)),
  };
  await writeAtomic(layout.state, `${JSON.stringify(state, null, 2)}\n`);
  return state;
}

/** The state that an earlier `up` left; `null` when no hospital was ever started there. */
export async function readState(layout: Layout): Promise<DevState | null> {
  const text = await readIfThere(layout.state);
  if (text === null) return null;
  const state = JSON.parse(text) as DevState | OneHospital;
  if (state.version === 2) return state;
  const { version: _, data, config, ...hospital } = state;
  return { version: 2, hospitals: [hospital], data, config };
}

/** As it was written when a directory held one hospital. */
interface OneHospital extends HospitalState {
  readonly version: 1;
  readonly data: string;
  readonly config: readonly string[];
}

const newState = async (): Promise<DevState> => ({
  version: 2,
  hospitals: [await newHospital(FIRST)],
  data: join(checkout, 'config', 'dispatch.yaml'),
  config: [],
});

async function newHospital(name: string): Promise<HospitalState> {
  const [postgres, synapse, appservice, api, metrics, federation] = (await freePorts(6)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    name,
    serverName: `localhost:${federation}`,
    ports: { postgres, synapse, appservice, api, metrics },
    passwords: { synapse: randomSecret(), owner: randomSecret(), service: randomSecret() },
  };
}
