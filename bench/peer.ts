import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atOnce, ticketPosts } from './load.ts';
import type { Ratio } from './ratios.ts';
import { sideBySide } from './sideBySide.ts';
import { asToken, type BenchWard, bringIn } from './ward.ts';

const COUNT = 120;

/**
 * Ticket posts per second / posts per second through a minimal bot of the bridge library, without encryption and without durability,
 * in its own process: same homeserver, a room with the same members, alternating blocks, at concurrency 1 and 8.
 */
export async function peer(ward: BenchWard, say: (line: string) => void): Promise<Ratio> {
  ward.quiet();
  const serverName = ward.sender.userId.split(':').slice(1).join(':');
  const userId = `@wardroom_peer:${serverName}`;
  const bot = fork(
    fileURLToPath(new URL('./peerBot.ts', import.meta.url)),
    [
      JSON.stringify({
        homeserverUrl: ward.hospital.homeserver_url,
        serverName,
        asToken: asToken(ward.hospital),
        userId,
      }),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=DEP0060'],
    },
  );
  try {
    const port = await portOf(bot);
    await register(ward, userId);
    await bringIn(ward.hospital, ward.sender, ward.plainRoom, userId);
    return await sideBySide({
      settings: [1, 8],
      rounds: 5,
      names: { ours: 'tickets', theirs: 'bot' },
      ours: async (concurrency) => COUNT / (await ticketPosts(ward, COUNT, concurrency)),
      theirs: async (concurrency) => COUNT / (await botPosts(ward, port, COUNT, concurrency)),
      say,
    });
  } finally {
    bot.disconnect();
  }
}

async function portOf(bot: ChildProcess): Promise<number> {
  const [line] = (await once(bot.stdout!, 'data')) as [Buffer];
  return Number(line.toString('utf8'));
}

async function register(ward: BenchWard, userId: string): Promise<void> {
  const response = await fetch(`${ward.hospital.homeserver_url}/_matrix/client/v3/register`, {
    method: 'POST',
    headers: { authorization: `Bearer ${asToken(ward.hospital)}` },
    body: JSON.stringify({
      type: 'm.login.application_service',
      username: userId.slice(1).split(':')[0],
      inhibit_login: true,
    }),
  });
  if (!response.ok) throw new Error(`the bot's user could not be registered: ${response.status}`);
}

async function botPosts(ward: BenchWard, port: number, count: number, concurrency: number): Promise<number> {
  const from = performance.now();
  await atOnce(count, concurrency, async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: JSON.stringify({
        room: ward.plainRoom,
        body: 'Crushing chest pressure for 20 minutes. Ambulance on the way, wants the cardiologist to know.',
      }),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the bot answered ${response.status}`);
  });
  return (performance.now() - from) / 1000;
}
