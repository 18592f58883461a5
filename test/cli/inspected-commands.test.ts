import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { InspectorClient } from '../../src/inspect/live/client/inspector-client.js';
import type { InvocationRow } from '../../src/inspect/live/feed/feed-invocations.js';
import type { FeedMessage, Hello } from '../../src/inspect/live/feed/messages.js';
import { cleanups } from '../fixtures/cleanups.js';
import { realServers } from '../fixtures/gateway/served-command.js';
import { initialize, rpc } from '../fixtures/hosting/raw-http.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { descendantsOf } from '../fixtures/processes/process-table.js';
import { cli, gatechart, type Running, startNode } from '../fixtures/processes/processes.js';
import { eventually } from '../fixtures/waiting.js';

// These run the build.
const block = `
export const Block = {
  create: () => ({
    handler: () => () => ({ continueProcessing: false, violation: { reason: 'no', description: 'no', code: 'NO' } }),
  }),
};`;
const plugins = JSON.stringify({
  plugins: [{ name: 'Block', kind: './block.mjs#Block', hooks: ['tool_pre_invoke'], mode: 'sequential' }],
});
const files = {
  'servers.json': JSON.stringify({ mcpServers: { memory: realServers.memory } }),
  'plugins.yaml': plugins,
  'block.mjs': block,
  'payload.json': JSON.stringify({ name: 'send', args: { to: 'a' } }),
};

/** The addresses that a process has printed so far, those for browsers and those for terminals. */
function printed({ stderr, stdout }: Pick<Running, 'stderr' | 'stdout'>): { browser: string[]; terminal: string[] } {
  const text = stdout() + stderr();
  const found = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, address = '']) => address);
  return {
    browser: found(/^inspector: (http\S+)$/gm),
    terminal: found(/^inspector: gatechart top --url "(http\S+)"$/gm),
  };
}

async function addressOf(running: Running): Promise<string> {
  await eventually('an address is printed', () => printed(running).terminal.length > 0);
  return printed(running).browser[0] ?? '';
}

/** What is told until all that was there has been told. */
async function firstMessages(client: InspectorClient): Promise<FeedMessage[]> {
  const messages: FeedMessage[] = [];
  for await (const message of client.messages) {
    messages.push(message);
    if (message.type === 'snapshot' && !message.more) break;
  }
  return messages;
}

function helloOf(messages: readonly FeedMessage[]): Hello | undefined {
  return messages.find((message) => message.type === 'hello');
}

it('a gateway over stdio says on standard error where it is looked into, and nothing of it in its log', async () => {
  const folder = folderWith(files);
  const flags = ['--servers', 'servers.json', '--inspect=0', '--inspect-control'];
  const running = startNode([cli, 'serve', ...flags], { cwd: folder, stdin: 'pipe', env: { HOME: folder } });
  const client = await InspectorClient.open(await addressOf(running));
  running.child.stdin?.write(`${initialize}\n${rpc(2, 'tools/list', {})}\n`);
  await eventually('the client is answered', () => running.stdout().includes('"id":2'));
  expect(helloOf(await firstMessages(client))).toMatchObject({
    host: { name: 'gateway', pid: running.child.pid },
    control: true,
    payloads: 'redacted',
  });
  expect(await client.control({ do: 'reload' })).toMatchObject({ ok: true });
  for (const line of running.stdout().trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });

  running.child.kill('SIGUSR2');
  await eventually('others are printed', () => printed(running).terminal.length === 2);
  const { browser, terminal } = printed(running);
  expect(new Set([...browser, ...terminal]).size).toBe(4);
  const other = await InspectorClient.open(terminal[1] ?? '');
  const said: FeedMessage[] = [];
  const reading = (async () => {
    for await (const message of other.messages) said.push(message);
  })();
  await eventually('it is told', () => said.length > 1);
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 0 });
  await reading;
  expect(said.at(-1)).toMatchObject({ type: 'bye' });

  const log = running
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  expect(log.length).toBeGreaterThan(2);
  for (const address of [...browser, ...terminal]) {
    const token = new URL(address).hash.slice('#t='.length);
    expect(log.filter((line) => line.includes(token))).toEqual([]);
  }
  expect(log.some((line) => line.includes('inspector, session 1: reload'))).toBe(true);
}, 30_000);

it('plugins that are served can be looked into', async () => {
  const folder = folderWith(files);
  const flags = ['--config', 'plugins.yaml', '--transport', 'http', '--port', '0', '--inspect=0'];
  const running = startNode([cli, 'plugin-server', ...flags], { cwd: folder });
  const client = await InspectorClient.open(await addressOf(running));
  const messages = await firstMessages(client);
  expect(helloOf(messages)).toMatchObject({ control: false, host: { pid: running.child.pid } });
  const told = messages.flatMap((message) => (message.type === 'snapshot' ? (message.plugins ?? []) : []));
  expect(told).toMatchObject([{ name: 'Block', at: 'running.enabled' }]);
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 0 });
}, 30_000);

it('a hook that has run can be looked into until Ctrl+C, and its result is the exit code', async () => {
  const folder = folderWith(files);
  const flags = ['--config', 'plugins.yaml', '--hook', 'tool_pre_invoke', '--payload', 'payload.json', '--inspect=0'];
  const running = startNode([cli, 'invoke', ...flags], { cwd: folder });
  await eventually('it has run', () => running.stderr().includes('can be looked into until Ctrl+C'));
  expect(JSON.parse(running.stdout())).toMatchObject({ result: { continue_processing: false } });
  const client = await InspectorClient.open(await addressOf(running));
  const rows: InvocationRow[] = (await firstMessages(client)).flatMap((message) =>
    message.type === 'snapshot' ? [...(message.invocations ?? [])] : [],
  );
  expect(rows).toMatchObject([{ hook: 'tool_pre_invoke', subject: 'send', outcome: 'blocked', by: 'Block' }]);
  expect(await client.invocation(rows[0]?.id ?? '')).toMatchObject({ violation: { code: 'NO' } });
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 1 });
}, 30_000);

it('a recording is looked at until Ctrl+C', async () => {
  const folder = folderWith(files);
  const flags = ['--config', 'plugins.yaml', '--hook', 'tool_pre_invoke', '--payload', 'payload.json'];
  await gatechart(['invoke', ...flags, '--record', 'call.jsonl'], { cwd: folder });
  const running = startNode([cli, 'inspect', 'call.jsonl', '--port', '0', '--no-browser'], { cwd: folder });
  const client = await InspectorClient.open(await addressOf(running));
  expect(helloOf(await firstMessages(client))).toMatchObject({
    source: 'recording',
    recording: { file: 'call.jsonl' },
    control: false,
  });
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
}, 30_000);

it('what cannot be inspected as it was asked for does not start, and leaves nothing', async () => {
  const folder = folderWith(files);
  const alone = await gatechart(['serve', '--servers', 'servers.json', '--inspect-control'], { cwd: folder });
  expect([alone.code, alone.stderr]).toEqual([
    2,
    'gatechart serve: --inspect-control is for --inspect, which is not given\n',
  ]);
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  cleanups.push(async () => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : 0;
  for (const [command, ...flags] of [
    ['serve', '--servers', 'servers.json'],
    ['plugin-server', '--config', 'plugins.yaml', '--transport', 'http', '--port', '0'],
  ]) {
    const running = startNode([cli, command ?? '', ...flags, '--inspect', `${port}`], {
      cwd: folder,
      env: { HOME: folder },
    });
    const { code, stderr } = await running.ended;
    expect([code, descendantsOf(running.child.pid ?? 0)]).toEqual([1, []]);
    expect(stderr).toContain(`gatechart ${command}: Cannot listen on 127.0.0.1:${port}`);
  }
}, 30_000);

it('a recording that is none is told in one line', async () => {
  const folder = folderWith({ 'call.jsonl': 'nothing' });
  const { code, stderr } = await gatechart(['inspect', 'call.jsonl', '--no-browser'], { cwd: folder });
  expect(code).toBe(2);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
