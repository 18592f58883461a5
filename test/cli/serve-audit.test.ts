import { EventEmitter } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { serveCommand } from '../../src/cli/serve.js';
import { cleanups } from '../fixtures/cleanups.js';
import { temporaryFolder } from '../fixtures/gateway/temporary-folder.js';
import { eventually } from '../fixtures/waiting.js';

function serve(folder: string, variables: Record<string, string>) {
  const servers = join(folder, 'servers.json');
  writeFileSync(servers, '{"mcpServers": {}}');
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let written = '';
  let said = '';
  stdout.on('data', (chunk) => (written += String(chunk)));
  stderr.on('data', (chunk) => (said += String(chunk)));
  const signals = new EventEmitter();
  const env = { PLUGINS_LOG_LEVEL: 'ERROR', ...variables };
  const exit = serveCommand({ servers }, { env, stdin, stdout, stderr, signals });
  cleanups.push(async () => {
    stdin.end();
    await exit;
  });
  let sent = 0;
  const ask = async (method: string, params: object) => {
    const id = ++sent;
    stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    await eventually(`an answer to ${method}`, () => written.includes(`"id":${id}`));
  };
  const shakeHands = async () => {
    const clientInfo = { name: 'tester', version: '1' };
    await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  };
  return { ask, shakeHands, exit, signals, stdin, said: () => said };
}

const listServers = { name: 'list_servers', arguments: {} };
const linesIn = (file: string) => readFileSync(file, 'utf8').split('\n').length - 1;

test('decisions are written to the log that the environment names, which SIGHUP opens again', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'logs', 'audit.jsonl');
  const { ask, exit, shakeHands, signals, stdin } = serve(folder, { GATEWAY_AUDIT_LOG: file });
  await shakeHands();
  await ask('tools/call', listServers);
  renameSync(file, join(folder, 'moved'));
  signals.emit('SIGHUP');
  await eventually('the log is there again', () => existsSync(file));
  await ask('tools/call', listServers);
  await ask('tools/call', listServers);
  stdin.end();
  expect(await exit).toBe(0);
  expect([linesIn(join(folder, 'moved')), linesIn(file)]).toEqual([1, 2]);
});

test('a gateway whose decisions cannot be written down does not start', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'logs'), '');
  const { exit, said } = serve(folder, { GATEWAY_AUDIT_LOG: join(folder, 'logs', 'audit.jsonl') });
  expect(await exit).toBe(2);
  expect(said()).toMatch(/^gatechart serve: The audit log .* cannot be written: .*; give another file\n$/);
});
