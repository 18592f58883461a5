// Tool calls of an agent on their way to a real MCP server, through the plugins of plugins.yaml.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createManager, silentLogger } from 'gatechart';
import { freePort, startSizeGuard } from './size-guard-process.js';
import { startToolServer } from './tool-server.js';
import { guardedCall } from './guarded-call.js';
import { createReport } from './report.js';
import { connectionStates } from './connection-states.js';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const report = createReport(values.json);
const port = await freePort();

report.title('Starting the tool server (@modelcontextprotocol/server-everything) and the plugins');
const [tools, firstGuard] = await Promise.all([startToolServer(), startSizeGuard(port)]);
let sizeGuard = firstGuard;
/** @type {() => readonly import('gatechart').ConnectionStatus[]} */
let statuses = () => [];
const manager = await createManager({
  config: new URL('plugins.yaml', import.meta.url),
  env: { ...process.env, SIZE_GUARD_PORT: String(port) },
  logger: silentLogger,
  inspector: connectionStates(
    (name, state, why) => report.state(name, state, why),
    () => statuses(),
  ),
});
statuses = () => manager.connections;

report.title('One call of each kind');
await report.call('allowed', guardedCall(manager, tools, 'echo', { message: 'hello' }));
await report.call(
  'modified',
  guardedCall(manager, tools, 'echo', { message: 'write to ada@example.org, card 4111 1111 1111 1111' }),
);
await report.call('blocked', guardedCall(manager, tools, 'echo', { message: 'please DROP TABLE customers' }));
await report.call('blocked', guardedCall(manager, tools, 'echo', { message: 'x'.repeat(600) }));

report.title('400 calls, 16 at a time; the HTTP plugin server is killed on the way and started again');
const load = { calls: 400, atOnce: 16 };
/** @type {Map<string, number>} */
const outcomes = new Map();
let next = 0;
let restarted = Promise.resolve();
const restartLater = async () => {
  await setTimeout(600);
  sizeGuard = await startSizeGuard(port);
  report.note("SizeGuard's server started again");
};
const startedAt = performance.now();
/** @param {number} index */
const sum = async (index) => {
  try {
    const { outcome, text } = await guardedCall(manager, tools, 'get-sum', { a: index, b: 1 });
    return outcome === 'allowed' && text !== `The sum of ${index} and 1 is ${index + 1}.` ? 'wrong answer' : outcome;
  } catch (error) {
    report.note(`call ${index} is lost: ${String(error)}`);
    return 'lost';
  }
};
const worker = async () => {
  while (next < load.calls) {
    const index = next++;
    if (index === 120) {
      await sizeGuard.kill();
      report.note(`call ${index}: SizeGuard's server killed (SIGKILL)`);
      restarted = restartLater();
    }
    const outcome = await sum(index);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
};
await Promise.all(Array.from({ length: load.atOnce }, worker));
await restarted;
const seconds = (performance.now() - startedAt) / 1000;

const lost = load.calls - (outcomes.get('allowed') ?? 0);
report.summary({
  calls: load.calls,
  answered: outcomes.get('allowed') ?? 0,
  lost,
  seconds: Number(seconds.toFixed(2)),
  connections: manager.connections.map(({ name, state, attempt }) => ({ name, state, attempt })),
});
await manager.close();
await Promise.all([tools.close(), sizeGuard.kill()]);
process.exitCode = lost === 0 ? 0 : 1;
