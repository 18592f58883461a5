import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createManager, definePlugin, type PluginManager, type PluginResult, silentLogger } from 'gatechart';
import { pythonEnvironment } from '../interop/python-environment.js';
import { bareClient } from './bare-client.js';
import { inFlight } from './calls.js';
import { compared, median, report } from './measurement.js';
import { listening, managerFor, servePlugins } from './plugin-servers.js';
import { apart, stayOnOneCore } from './processes.js';
import { answeredHook } from './requests.js';

stayOnOneCore();

const modules = fileURLToPath(new URL('python', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gc-bench-'));
const rounds = 5;

type Run = 'single' | 'in_flight';

/** Calls that each side makes before it is timed: a compiler needs tens of thousands. */
const warmUpCalls = 10_000;

/** Something that can be timed: microseconds of a call, the median of `count`, or the mean with 64 in flight. */
interface Contestant {
  /** How it makes many calls. */
  readonly warmUp: Run;
  time(run: Run, count: number): Promise<number>;
  close(): Promise<void>;
}

const python = await pythonEnvironment();
if (python === null) process.exit(0);
const env = { PATH: process.env['PATH'], PYTHONPATH: modules, PLUGINS_LOG_LEVEL: 'ERROR' };

/** A host of the Python framework with a configuration. */
async function pythonHost(name: string, plugins: readonly object[]): Promise<Contestant> {
  const config = join(folder, `${name}.yaml`);
  writeFileSync(config, JSON.stringify({ plugins }));
  const order = JSON.stringify({ config, plugins: plugins.length });
  const child = spawn(python ?? '', [join(modules, 'contestant.py'), order], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the Python host ${name} ended`);
    return line.value;
  };
  await next();
  return {
    warmUp: 'in_flight',
    async time(run, count) {
      child.stdin.write(`${run} ${count}\n`);
      return Number(await next());
    },
    async close() {
      child.stdin.end();
    },
  };
}

function ourHost(manager: PluginManager): Contestant {
  return timed(
    () => answeredHook(manager),
    () => manager.close(),
  );
}

function timed(call: () => Promise<unknown>, close: () => Promise<void>, warmUp: Run = 'in_flight'): Contestant {
  return {
    warmUp,
    async time(run, count) {
      const startedAt = performance.now();
      if (run === 'in_flight') {
        await inFlight(call)(count);
        return ((performance.now() - startedAt) * 1000) / count;
      }
      const times: number[] = [];
      for (let i = 0; i < count; i++) {
        const callStartedAt = performance.now();
        await call();
        times.push((performance.now() - callStartedAt) * 1000);
      }
      return median(times);
    },
    close,
  };
}

/** Medians over rounds, the two taking turns. */
async function compare(name: string, run: Run, count: number, ours: Contestant, reference: Contestant): Promise<void> {
  for (const contestant of [ours, reference]) await contestant.time(contestant.warmUp, warmUpCalls);
  const times: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    for (const [side, contestant] of [ours, reference].entries()) {
      const time = await contestant.time(run, count);
      if (round >= 0) times[side]?.push(time);
    }
  }
  report([compared(name, 'µs', { ours: times[0], reference: times[1] })]);
}

const children: ChildProcess[] = [];
const answering = { kind: 'nothing.Answering', hooks: ['tool_pre_invoke'], mode: 'sequential' };
const external = (path: string) => ({
  name: 'Answering',
  kind: 'external',
  hooks: ['tool_pre_invoke'],
  mode: 'sequential',
  unix_socket: { path },
});

{
  const Answering = definePlugin({
    hooks: {
      tool_pre_invoke: async ({ args }) => ({ continueProcessing: true, metadata: { call: args?.['call'] } }),
    },
  });
  const names = Array.from({ length: 5 }, (_, index) => `answering-${index}`);
  const plugins = names.map((name) => ({ name, kind: 'Answering', hooks: ['tool_pre_invoke'] }));
  const ours = ourHost(
    await createManager({ config: { plugins }, kinds: { Answering }, logger: silentLogger, env: {} }),
  );
  const theirs = await pythonHost(
    'chain',
    names.map((name) => ({ name, ...answering })),
  );
  await compare('interop/chain-5', 'single', 3_000, ours, theirs);
  await Promise.all([ours.close(), theirs.close()]);
}

{
  const Waiting = definePlugin({
    hooks: {
      tool_pre_invoke: ({ args }) =>
        new Promise<PluginResult<never>>((resolve) => {
          setTimeout(resolve, 1, { continueProcessing: true, metadata: { call: args?.['call'] } });
        }),
    },
  });
  const names = Array.from({ length: 4 }, (_, index) => `waiting-${index}`);
  const plugins = names.map((name) => ({
    name,
    kind: 'Waiting',
    hooks: ['tool_pre_invoke'],
    mode: 'concurrent' as const,
  }));
  const ours = ourHost(await createManager({ config: { plugins }, kinds: { Waiting }, logger: silentLogger, env: {} }));
  const theirs = await pythonHost(
    'concurrent',
    plugins.map((plugin) => ({ ...plugin, kind: 'nothing.Waiting' })),
  );
  await compare('interop/concurrent-4', 'in_flight', 10_000, ours, theirs);
  // Both wait the millisecond, whatever else they do.
  await compare('interop/concurrent-4-alone (information)', 'single', 500, ours, theirs);
  await Promise.all([ours.close(), theirs.close()]);
}

const paths = { ours: join(folder, 'ours.sock'), theirs: join(folder, 'theirs.sock') };
const config = join(folder, 'server.yaml');
const served = ['Answering', 'Nothing'].map((name) => ({ ...answering, name, kind: `nothing.${name}` }));
writeFileSync(config, JSON.stringify({ plugins: served }));
const server = { PLUGINS_CONFIG_PATH: config, PLUGINS_UNIX_SOCKET_PATH: paths.theirs };
children.push(
  servePlugins('--transport', 'unix', '--path', paths.ours),
  spawn(...apart(python, ['-m', 'cpex.framework.external.unix.server.runtime']), {
    env: { ...env, ...server },
    stdio: 'ignore',
  }),
);
await Promise.all([listening({ path: paths.ours }), listening({ path: paths.theirs })]);

{
  const ours = ourHost(await managerFor({ unix_socket: { path: paths.theirs } }, 'Answering'));
  const theirs = await pythonHost('unix', [external(paths.theirs)]);
  await compare('interop/unix-1', 'single', 1_000, ours, theirs);
  const bare = bareClient(paths.theirs);
  const floor = timed(bare.call, async () => bare.close(), 'single');
  await compare('interop/unix-1-bare (information)', 'single', 1_000, floor, theirs);
  await floor.close();
  await compare('interop/unix-64', 'in_flight', 1_500, ours, theirs);
  await ours.close();
  const theirsToOurs = await pythonHost('serve', [external(paths.ours)]);
  await compare('interop/serve-unix-64', 'in_flight', 1_500, theirsToOurs, theirs);
  await Promise.all([theirs.close(), theirsToOurs.close()]);
}
for (const child of children) child.kill();
rmSync(folder, { recursive: true });
