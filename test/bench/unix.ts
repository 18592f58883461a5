import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PluginContexts, PluginManager, ToolPreInvokePayload } from 'gatechart';
import { inFlight, oneByOne } from './calls.js';
import { type FrameEcho, frameEcho } from './frame-echo.js';
import { frameSizes } from './frame-sizes.js';
import { compared, contest, median, report } from './measurement.js';
import { listening, managerFor, serveEcho, servePlugins } from './plugin-servers.js';
import { stayOnOneCore } from './processes.js';

stayOnOneCore();
const folder = mkdtempSync(join(tmpdir(), 'gc-bench-'));
const paths = { ours: join(folder, 'o'), echo: join(folder, 'e') };
const server = servePlugins('--transport', 'unix', '--path', paths.ours);
const echoServer = serveEcho(paths.echo);
const processes = { ours: [server], reference: [echoServer] };
await Promise.all([listening({ path: paths.ours }), listening({ path: paths.echo })]);

/** A number of its own for each call, with as many digits. */
let calls = 1_000_000;

/** A call with a payload like no other; throws if the answer is not the one to it. */
type Call = (manager: PluginManager) => Promise<unknown>;

/** Calls of a plugin that answers something of its own each time. @param texts one of them is in each payload */
function answered(texts: readonly string[]): Call {
  return async (manager) => {
    const call = ++calls;
    const payload = { name: 'echo', args: { message: texts[call % texts.length], call } };
    const { metadata } = await manager.invokeHook('tool_pre_invoke', payload, { requestId: `request-${call}` });
    check(call, metadata?.['call']);
  };
}

/** Calls of a plugin that has nothing to say. */
const unanswered: Call = async (manager) => {
  const call = ++calls;
  const payload = { name: 'echo', args: { message: `hello ${call}`, call } };
  const { continueProcessing } = await manager.invokeHook('tool_pre_invoke', payload, { requestId: `request-${call}` });
  check(true, continueProcessing);
};

const user = { email: 'someone@example.com', roles: ['reader', 'writer'] };

/** Requests of which no hook runs now, with what the plugin has kept for each so far. */
const requests = new WeakMap<PluginManager, { readonly requestId: string; contexts: PluginContexts | undefined }[]>();

/** Calls with state and metadata both ways, of a plugin that changes the payload: hooks of requests that had some before. */
const kept: Call = async (manager) => {
  const call = ++calls;
  const free = requests.get(manager) ?? [];
  requests.set(manager, free);
  const request = free.pop() ?? { requestId: `request-${call}`, contexts: undefined };
  const payload: ToolPreInvokePayload = { name: 'echo', args: { message: `hello ${call}`, call } };
  const state = { counted: call, route: 'a' };
  const context = { requestId: request.requestId, user, tenantId: 'tenant-1', state, metadata: { trace: `${call}` } };
  const outcome = await manager.invokeHook('tool_pre_invoke', payload, context, { contexts: request.contexts });
  check(call, outcome.modifiedPayload?.args?.['checked']);
  request.contexts = outcome.contexts;
  free.push(request);
};

function check(expected: unknown, found: unknown): void {
  if (found !== expected) throw new Error(`found ${String(found)} in an answer, expected ${String(expected)}`);
}

/** A manager with one plugin of the server, and an echo whose frames have the sizes of its calls. */
async function opposed(plugin: string, call: Call): Promise<{ manager: PluginManager; echo: FrameEcho }> {
  const managerAt = (path: string): Promise<PluginManager> => managerFor({ unix_socket: { path } }, plugin);
  const sizes = await frameSizes(paths.ours, managerAt, call);
  return { manager: await managerAt(paths.ours), echo: frameEcho(paths.echo, sizes) };
}

interface Row {
  readonly name: string;
  readonly plugin: string;
  readonly call: Call;
  /** How the calls are made. */
  readonly run: typeof oneByOne;
  readonly count: number;
  readonly rounds?: number;
  /** What has the limit: the processor time of both processes, or the time that passes. */
  readonly counts: 'cpu' | 'wall';
  readonly isInformation?: boolean;
}

async function measure({ name, plugin, call, run, count, rounds = 15, counts, isInformation }: Row): Promise<void> {
  const { manager, echo } = await opposed(plugin, call);
  const ours = run(() => call(manager));
  const { cpu, wall } = await contest({ ours, reference: run(echo.call), count, rounds, processes });
  const other = counts === 'cpu' ? 'wall' : 'cpu';
  const suffix = isInformation === true ? ' (information)' : '';
  report([
    compared(`${name}${suffix}`, 'µs', { cpu, wall }[counts]),
    compared(`${name}-${other} (information)`, 'µs', { cpu, wall }[other]),
  ]);
  echo.close();
  await manager.close();
}

const slowMs = 200;

/**
 * The median of calls that begin while one that takes its time is not answered, against that of calls in as much time
 * without one. So many are in flight all along, also when the slow one is made.
 */
async function measureNeighbour(name: string, workers: number): Promise<void> {
  await using manager = await managerFor({ unix_socket: { path: paths.ours } }, 'Waiting');
  const call = answered(textsOf(16));
  let times: number[] = [];
  const traffic = new AbortController();
  const worker = async (): Promise<void> => {
    while (!traffic.signal.aborted) {
      const into = times;
      const startedAt = performance.now();
      await call(manager);
      into.push((performance.now() - startedAt) * 1000);
    }
  };
  const running = Array.from({ length: workers }, worker);
  const pause = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, slowMs));
  const slowCall = (): Promise<unknown> =>
    manager.invokeHook('tool_pre_invoke', { name: 'echo', args: { waitMs: slowMs } }, { requestId: 'slow' });
  /** Calls that began meanwhile, also those that are over later: at most as late as the slow one. */
  const medianDuring = async (wait: () => Promise<unknown>): Promise<number> => {
    const into: number[] = [];
    times = into;
    await wait();
    times = [];
    await pause();
    return median(into);
  };
  const rounds = { ours: [] as number[], reference: [] as number[] };
  for (let round = -3; round < 12; round++) {
    const reference = await medianDuring(pause);
    const ours = await medianDuring(slowCall);
    if (round < 0) continue;
    rounds.ours.push(ours);
    rounds.reference.push(reference);
  }
  traffic.abort();
  await Promise.all(running);
  report([compared(name, 'µs', rounds)]);
}

/** Texts of so many characters, as somebody has them who has read them from somewhere. */
function textsOf(characters: number): readonly string[] {
  const pangram = 'The quick brown fox jumps over the lazy dog. ';
  return Array.from({ length: 16 }, (_, index) => {
    const text = `${index + 10} ${pangram.repeat(Math.ceil(characters / pangram.length))}`.slice(0, characters);
    return Buffer.from(text).toString();
  });
}

const rows: readonly Row[] = [
  { name: 'unix/1', plugin: 'Answering', call: answered(textsOf(16)), run: oneByOne, count: 2_000, counts: 'cpu' },
  { name: 'unix/64', plugin: 'Answering', call: answered(textsOf(16)), run: inFlight, count: 10_000, counts: 'cpu' },
  { name: 'unix/64-state', plugin: 'Keeping', call: kept, run: inFlight, count: 10_000, counts: 'cpu' },
  {
    name: 'unix/64-silent',
    plugin: 'Nothing',
    call: unanswered,
    run: inFlight,
    count: 10_000,
    counts: 'cpu',
    isInformation: true,
  },
  { name: 'unix/10k', plugin: 'Keeping', call: answered(textsOf(10_000)), run: oneByOne, count: 500, counts: 'wall' },
  { name: 'unix/900k', plugin: 'Keeping', call: answered(textsOf(900_000)), run: oneByOne, count: 20, counts: 'wall' },
];
for (const row of rows) await measure(row);
await measureNeighbour('unix/slow-neighbour', 64);
for (const workers of [1, 8]) await measureNeighbour(`unix/slow-neighbour-${workers} (information)`, workers);
for (const child of [server, echoServer]) child.kill();
rmSync(folder, { recursive: true });
