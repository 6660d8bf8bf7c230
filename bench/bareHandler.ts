import { createServer } from 'node:http';
import pg from 'pg';

/** The least that a server can do to say "kept": one row per request, committed before the answer. Prints its address. */
const pool = new pg.Pool({ connectionString: process.argv[2], max: 16 });
const server = createServer(async (request, response) => {
  request.setEncoding('utf8');
  let text = '';
  for await (const piece of request) text += piece;
  const { reason } = JSON.parse(text) as { reason: string };
  await pool.query({ name: 'bench', text: 'INSERT INTO public.bench_commits (text) VALUES ($1)', values: [reason] });
  response.writeHead(202, { 'content-type': 'application/json' }).end('{}');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
