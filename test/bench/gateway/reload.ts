import { spawn } from 'node:child_process';
import { createServerSet, type ServerSet, type ServersInput, silentLogger } from 'gatechart';
import { compared, report } from '../measurement.js';
import { freePort, listening } from '../plugin-servers.js';
import { endServer } from './middles.js';

/** Servers of each side, each with a session of its own. */
const count = 100;
const rounds = 11;

const port = await freePort();
const end = spawn(process.execPath, [endServer, 'http', String(port)], { stdio: ['ignore', 'ignore', 'inherit'] });
await listening({ port });

const names = Array.from({ length: count }, (_, index) => `server-${index}`);
/** In each round another server is changed; what was changed before stays as it is. */
const versions = names.map(() => 0);
const file = (): ServersInput => ({
  mcpServers: Object.fromEntries(
    names.map((name, index) => [
      name,
      { type: 'http', url: `http://127.0.0.1:${port}/mcp?server=${index}&version=${versions[index]}` },
    ]),
  ),
});

/** Settles when each of them answers calls. */
async function open(): Promise<ServerSet> {
  const servers = await createServerSet({ servers: file(), logger: silentLogger, env: {} });
  await Promise.all(names.map((name) => servers.list(name, 'tools')));
  return servers;
}

const times = { reload: [] as number[], anew: [] as number[] };
const reloaded = await open();
let anew = await open();
for (let round = -3; round < rounds; round++) {
  const changed = round + 3;
  versions[changed] = 1;
  const wanted = file();
  const startedAt = performance.now();
  const { changed: replaced, unchanged } = await reloaded.reload(wanted);
  // The changed one is connected again, as the others are.
  await reloaded.callTool(`server-${changed}`, { name: 'echo', arguments: { message: 'hello' } });
  const reloadedAt = performance.now();
  if (replaced.length !== 1 || unchanged.length !== count - 1) throw new Error('more was replaced than was changed');
  await anew.close();
  anew = await open();
  // The first rounds are for the compiler.
  if (round < 0) continue;
  times.reload.push(reloadedAt - startedAt);
  times.anew.push(performance.now() - reloadedAt);
}
report([compared('reload/100', 'ms', { ours: times.reload, reference: times.anew })]);
await Promise.all([anew.close(), reloaded.close()]);
end.kill();
