import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManager, definePlugin, type PluginManager, silentLogger } from 'gatechart';
import { compared, report, type Rounds } from './measurement.js';
import { freePort, listening, serveNothings } from './plugin-servers.js';

/** Plugins of each side, each behind a connection of its own, as hosts have most of theirs. */
const count = 100;
const rounds = 11;

const names = Array.from({ length: count }, (_, index) => `nothing-${index}`);
const hooks = ['tool_pre_invoke'];
const folder = mkdtempSync(join(tmpdir(), 'gc-bench-'));
const port = await freePort();
const child = serveNothings(folder, count, '--transport', 'http', '--port', String(port));
await listening({ port });

/** In each round another plugin is changed, so that it has to start anew; what was changed before stays as it is. */
const versions = names.map(() => 0);
const external = (name: string, version: number): object => ({
  name,
  kind: 'external',
  hooks,
  mcp: { proto: 'STREAMABLEHTTP', url: `http://127.0.0.1:${port}/mcp?version=${version}` },
});
const inProcess = (name: string, version: number): object => ({ name, kind: 'Nothing', hooks, config: { version } });
const Nothing = definePlugin({ hooks: { tool_pre_invoke: () => undefined } });

async function contestOf(entry: (name: string, version: number) => object): Promise<Rounds> {
  versions.fill(0);
  const config = (): object => ({ plugins: names.map((name, index) => entry(name, versions[index] ?? 0)) });
  const open = (): Promise<PluginManager> =>
    createManager({ config: config(), kinds: { Nothing }, logger: silentLogger, env: {} });
  const times = { ours: [] as number[], reference: [] as number[] };
  let anew = await open();
  const reloaded = await open();
  for (let round = -3; round < rounds; round++) {
    versions[round + 3] = 1;
    const wanted = config();
    const startedAt = performance.now();
    const { replaced, unchanged } = await reloaded.reload(wanted);
    const reloadedAt = performance.now();
    if (replaced.length !== 1 || unchanged.length !== count - 1) throw new Error('more was restarted than was changed');
    await anew.close();
    anew = await open();
    // The first rounds are for the compiler.
    if (round < 0) continue;
    times.ours.push(reloadedAt - startedAt);
    times.reference.push(performance.now() - reloadedAt);
  }
  await Promise.all([anew.close(), reloaded.close()]);
  return times;
}

const behind = await contestOf(external);
report([compared('reload/unchanged-100', 'ms', behind)]);
const here = await contestOf(inProcess);
report([compared('reload/unchanged-100-in-process (information)', 'ms', here)]);
child.kill();
rmSync(folder, { recursive: true });
