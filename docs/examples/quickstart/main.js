// A gateway in front of two MCP servers, one over stdio and one over HTTP, with rules and plugins. A client of the SDK starts
// it as Claude, Cursor or VS Code would, and calls tools of both servers through it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectGateway } from './gateway-client.js';
import { freePort, startNotes } from './notes-process.js';
import { createReport } from './report.js';
import { followServers } from './server-states.js';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const report = createReport(values.json);
const port = await freePort();

// The rules change on the way, so they are a copy.
const folder = mkdtempSync(join(tmpdir(), 'gatechart-quickstart-'));
const rules = join(folder, 'rules.json');
const firstRules = readFileSync(new URL('rules.json', import.meta.url), 'utf8');
writeFileSync(rules, firstRules);

report.title(
  'Starting the notes server, and the gateway: gatechart serve --servers mcp.json --rules rules.json --plugins …',
);
let notes = await startNotes(port);
const env = { NOTES_PORT: String(port), GATEWAY_AUDIT_LOG: join(folder, 'audit.jsonl') };
const gateway = await connectGateway({ rules, env });
const states = followServers(gateway, (server, state, why) => report.state(server, state, why));
report.note(`the agent "assistant" is shown the servers ${(await gateway.servers('assistant')).join(' and ')}`);
report.note(`and of notes the tools ${(await gateway.tools('assistant', 'notes')).join(', ')}`);

/** What each kind of call is told; undefined for those that are answered. */
const codes = {
  allowed: undefined,
  modified: undefined,
  'blocked by rule': 'DENIED_BY_POLICY',
  'blocked by plugin': 'BLOCKED_BY_PLUGIN',
};

/**
 * Makes a call that has to come out as expected.
 *
 * @param {Parameters<typeof report.call>[0]} kind
 * @param {[agent: string, server: string, tool: string, args: Record<string, unknown>]} call
 */
async function show(kind, call) {
  const [agent, server, tool, args] = call;
  const outcome = await gateway.execute(...call);
  report.call(kind, `${agent}: ${server} ${tool} ${JSON.stringify(args)}`, outcome);
  const code = codes[kind];
  if (outcome.error?.code !== code) throw new Error(`expected a call that is ${kind}`);
}

report.title('One call of each kind');
await show('allowed', ['assistant', 'everything', 'echo', { message: 'hello' }]);
const personal = 'write to ada@example.org, card 4111 1111 1111 1111';
await show('modified', ['assistant', 'everything', 'echo', { message: personal }]);
await show('blocked by rule', ['assistant', 'notes', 'delete_note', { id: 7 }]);
await show('blocked by plugin', ['operator', 'everything', 'echo', { message: 'please DROP TABLE customers' }]);

report.title('400 calls of both servers, 16 at a time; the notes server is killed on the way and started again');
const load = { calls: 400, atOnce: 16 };
const startedAt = performance.now();
let next = 0;
let answered = 0;
let restarted = Promise.resolve();
const restartLater = async () => {
  await setTimeout(600);
  notes = await startNotes(port);
  report.note('the notes server is started again');
};
/** @param {number} index */
const callOne = async (index) => {
  const { text } =
    index % 2 === 0
      ? await gateway.execute('assistant', 'notes', 'read_note', { id: index })
      : await gateway.execute('assistant', 'everything', 'get-sum', { a: index, b: 1 });
  const expected = index % 2 === 0 ? `This is note ${index}.` : `The sum of ${index} and 1 is ${index + 1}.`;
  if (text === expected) answered += 1;
  else report.note(`call ${index} is lost: ${text}`);
};
const worker = async () => {
  while (next < load.calls) {
    const index = next++;
    if (index === 120) {
      report.note(`call ${index}: the notes server is killed (SIGKILL)`);
      restarted = notes.kill().then(restartLater);
    }
    await callOne(index);
  }
};
await Promise.all(Array.from({ length: load.atOnce }, worker));
await restarted;
const seconds = (performance.now() - startedAt) / 1000;
report.note(`${answered} of ${load.calls} calls are answered`);

report.title('A rule changes while the gateway runs: the file is saved, nothing is restarted');
await show('blocked by rule', ['assistant', 'notes', 'delete_note', { id: 7 }]);
writeFileSync(rules, firstRules.replace('"notes": ["delete_*"]', '"notes": ["drop_*"]'));
const savedAt = performance.now();
report.note('rules.json is saved: what is denied is now "drop_*"');
while (!(await gateway.tools('assistant', 'notes')).includes('delete_note')) await setTimeout(10);
report.note(`in force after ${Math.round(performance.now() - savedAt)} ms`);
await show('allowed', ['assistant', 'notes', 'delete_note', { id: 7 }]);

await states.stop();
const servers = (await gateway.status()).map(({ name, state, restarts }) => ({ name, state, restarts }));
await gateway.close();

report.title('What the audit log says of the calls that were refused');
for (const line of readFileSync(env.GATEWAY_AUDIT_LOG, 'utf8').trimEnd().split('\n')) {
  const { agent_id: agent, server, tool, decision, rule, error } = JSON.parse(line);
  if (decision !== 'ALLOW') report.audit({ agent, server, tool, decision, rule, error });
}

const lost = load.calls - answered;
report.summary({ calls: load.calls, answered, lost, seconds: Number(seconds.toFixed(2)), servers });
await notes.kill();
rmSync(folder, { recursive: true });
process.exitCode = lost === 0 ? 0 : 1;
