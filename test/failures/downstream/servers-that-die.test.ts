// The failures that connections must survive, once more with a gateway between, as its agents see them; by the number of
// each in their list. Where the code is that of connections to plugins, what is tested is what the agent is told, how often
// the server was called, and that others do not notice.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { cleanups } from '../../fixtures/cleanups.js';
import { type Front, openFront } from '../../fixtures/gateway/gateway-front.js';
import { folderWith } from '../../fixtures/manager/managers.js';
import { freePort } from '../../fixtures/processes/processes.js';
import { isRunning } from '../../fixtures/processes/process-table.js';
import { startPluginServer } from '../../fixtures/servers/http-plugin-server.mjs';
import { serve } from '../../fixtures/transports/http-links.js';
import { eventually, until } from '../../fixtures/waiting.js';

const fixture = { command: process.execPath, args: ['test/fixtures/servers/stdio-plugin-server.mjs'] };

const pidOf = async (front: Front, server = 'a'): Promise<number> =>
  Number((await front.call(server, 'pid')).given['pid']);

it('1: a server that knows no session of before answers the same calls after one new session, and all later ones', async () => {
  const server = await serve();
  const front = await openFront({ a: { type: 'http', url: server.url } });
  const sessions = (): number => server.seen.filter(({ message }) => message?.method === 'initialize').length;
  await front.call('a', 'pid');
  server.forgetSessions();
  const calls = await Promise.all(Array.from({ length: 20 }, () => front.call('a', 'pid')));
  expect(calls.map(({ code }) => code)).toEqual(calls.map(() => 'answered'));
  for (let call = 0; call < 5; call++) expect(await front.call('a', 'pid')).toMatchObject({ code: 'answered' });
  expect(sessions()).toBe(2);
});

it.each<[string, Record<string, string>, string]>([
  ['comes from another session', { 'mcp-session-id': 'another' }, '{"jsonrpc":"2.0","id":ID,"result":{"content":[]}}'],
  ['has status 200 and nothing in it', {}, ''],
])('2: an answer that %s is no success', async (_, headers, body) => {
  let isStale = false;
  const server = await serve({
    intercept: ({ message }, response) => {
      if (!isStale || message?.method !== 'tools/call') return false;
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      response.end(body.replace('ID', String(message.id)));
      return true;
    },
  });
  const front = await openFront({ a: { type: 'http', url: server.url } });
  await front.call('a', 'pid');
  isStale = true;
  expect(await front.call('a', 'echo')).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  isStale = false;
  expect(await front.call('a', 'pid')).toMatchObject({ code: 'answered' });
});

it.each<[string, object, number]>([
  ['unless its entry says otherwise', {}, 1],
  ['never', { replay: 'never' }, 1],
  ['once', { replay: 'once' }, 2],
  ['for this tool', { replay: ['log-and-crash'] }, 2],
  ['for another tool', { replay: ['pid'] }, 1],
])('3: a call that kills its server is replayed %s: %j, executed %i times at most', async (_, settings, times) => {
  const log = join(folderWith({}), 'executed.log');
  const front = await openFront({ a: { ...fixture, env: { EXECUTION_LOG: log }, ...settings } });
  await front.call('a', 'pid');
  expect(await front.call('a', 'log-and-crash')).toMatchObject({
    code: 'OUTCOME_UNKNOWN',
    message: expect.stringContaining('may or may not have been executed'),
  });
  expect(readFileSync(log, 'utf8')).toBe('executed\n'.repeat(times));
  expect(await front.call('a', 'pid')).toMatchObject({ code: 'answered' });
});

it('4: an agent is told how its server died and what it said last, and the next call finds another', async () => {
  const front = await openFront({ a: fixture, b: fixture });
  const [before, beside] = [await pidOf(front), await pidOf(front, 'b')];
  expect(await front.call('a', 'exit', { code: 7, stderr: 'out of paper' })).toMatchObject({
    code: 'OUTCOME_UNKNOWN',
    message: expect.stringMatching(/on server a: .*exited with code 7\. Last lines of its stderr:\nout of paper/s),
  });
  expect(await pidOf(front)).not.toBe(before);
  expect(await pidOf(front, 'b')).toBe(beside);
});

// Dies after its life, which begins with the handshake; each start is written down.
const shortLived = `
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
appendFileSync(process.env.STARTS, 'started\\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method !== 'initialize') continue;
  const result = { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } };
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
  setTimeout(() => process.exit(9), 20);
}
`;

it('5, 7: a server that dies after each handshake is started a few times, however many agents call, and the log stays short', async () => {
  const folder = folderWith({ 'server.mjs': shortLived });
  const log = join(folder, 'starts.log');
  const front = await openFront({
    a: { command: process.execPath, args: [join(folder, 'server.mjs')], env: { STARTS: log } },
    b: fixture,
  });
  const until = performance.now() + 3_000;
  const codes = new Set<string>();
  let calls = 0;
  const agent = async (): Promise<void> => {
    while (performance.now() < until) {
      codes.add((await front.call('a', 'echo')).code);
      calls++;
      await delay(5);
    }
  };
  await Promise.all([...Array.from({ length: 20 }, agent), pidOf(front, 'b')]);
  expect(calls).toBeGreaterThanOrEqual(20);
  expect([...codes].filter((code) => !['SERVER_UNAVAILABLE', 'OUTCOME_UNKNOWN'].includes(code))).toEqual([]);
  const starts = existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;
  expect(starts).toBeLessThan(20);
  expect(front.logger.entries.filter(({ level }) => level !== 'debug').length).toBeLessThan(100);
});

// 6 is in test/cli/serve-end.test.ts: a shell, its server, and a grandchild that heeds no signal, by pid.

it('8: the old process of a server that was changed dies under its last call, and the new one does not notice', async () => {
  const front = await openFront({ a: fixture });
  const old = await pidOf(front);
  const last = front.call('a', 'sleep', { ms: 60_000 });
  await eventually('it is under way', () => front.set.status()[0]?.inFlight === 1);
  await front.set.reload({ mcpServers: { a: { ...fixture, env: { CHANGED: 'yes' } } } });
  const pid = await pidOf(front);
  expect(pid).not.toBe(old);
  process.kill(old, 'SIGKILL');
  expect(await last).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  expect(await pidOf(front)).toBe(pid);
  expect(front.set.status()[0]).toMatchObject({ state: expect.stringMatching(/^ready/) });
});

it('9: an agent is told when a server that was given up is tried again, and that is so', async () => {
  const port = await freePort();
  const connection = { reconnectAttempts: 0, reconnectWindowMs: 0, cooldownMs: 300, maxCooldownMs: 300 };
  const front = await openFront({ a: { type: 'http', url: `http://127.0.0.1:${port}/mcp` } }, { connection });
  const refused = await front.call('a', 'pid');
  expect(refused).toMatchObject({ code: 'SERVER_UNAVAILABLE', retryAfterMs: expect.any(Number) });
  const server = await startPluginServer({ port });
  cleanups.push(() => server.close());
  await delay(refused.retryAfterMs ?? 0);
  await until('it is found', async () => (await front.call('a', 'pid')).code === 'answered');
});

it('15: a server that nobody calls has no process until the next call; a long call is no silence', async () => {
  const front = await openFront({ a: { ...fixture, idleTimeout: 300 } });
  const first = await pidOf(front);
  expect(await front.call('a', 'sleep', { ms: 1_000 })).toMatchObject({ code: 'answered' });
  expect(await pidOf(front)).toBe(first);
  await eventually('the process is gone', () => !isRunning(first));
  expect(await pidOf(front)).not.toBe(first);
});

it('24: a server that is stopped is suspected after some calls, and another takes its place', async () => {
  const connection = { suspectAfter: 3, pingTimeoutMs: 500 };
  const front = await openFront({ a: fixture, b: fixture }, { connection });
  const [pid, beside] = [await pidOf(front), await pidOf(front, 'b')];
  process.kill(pid, 'SIGSTOP');
  const calls = await Promise.all([1, 2, 3].map(() => front.call('a', 'pid', {}, { timeoutMs: 500 })));
  expect(calls.map(({ code }) => code)).toEqual(['TIMEOUT', 'TIMEOUT', 'TIMEOUT']);
  expect(await pidOf(front, 'b')).toBe(beside);
  await until('another answers', async () => {
    const { code, given } = await front.call('a', 'pid', {}, { timeoutMs: 2_000 });
    return code === 'answered' && given['pid'] !== pid;
  });
  expect(isRunning(pid)).toBe(false);
});

it('25: a server that is killed under load, twice, is found again before any call is refused', async () => {
  const front = await openFront({ a: fixture });
  const stop = new AbortController();
  const outcomes: string[] = [];
  const pids = new Set<unknown>();
  const agents = Array.from({ length: 8 }, async () => {
    while (!stop.signal.aborted) {
      const { code, given } = await front.call('a', 'pid');
      outcomes.push(code);
      if (code === 'answered') pids.add(given['pid']);
    }
  });
  for (let kill = 0; kill < 2; kill++) {
    process.kill(await pidOf(front), 'SIGKILL');
    const seen = pids.size;
    await until('another answers', () => pids.size > seen);
  }
  stop.abort();
  await Promise.all(agents);
  // What was cut off is not sent again unasked.
  expect([...new Set(outcomes)].filter((code) => !['answered', 'OUTCOME_UNKNOWN'].includes(code))).toEqual([]);
});
