import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAudit } from '../../../src/gateway/audit/create-audit.js';
import { gatewayInMemory } from '../../fixtures/gateway/gateway-in-memory.js';
import { startQuotingServer } from '../../fixtures/gateway/quoting-server.js';
import { temporaryFolder } from '../../fixtures/gateway/temporary-folder.js';

const fields = [
  'timestamp',
  'request_id',
  'agent_id',
  'client',
  'operation',
  'decision',
  'rule',
  'reason',
  'latency_ms',
  'server',
  'tool',
  'bytes',
  'error',
  'args_hash',
];

const rules = {
  agents: {
    a: { allow: { servers: ['q'], tools: { q: ['*'] } }, deny: { tools: { q: ['soft'] } } },
    b: { allow: { servers: ['q'], tools: { q: ['*'] } } },
  },
};

function linesOf(file: string): Record<string, unknown>[] {
  const text = readFileSync(file, 'utf8').trim();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
}

async function audited(options: Parameters<typeof gatewayInMemory>[1] = {}) {
  const quoting = await startQuotingServer();
  const audit = await createAudit({ file: join(temporaryFolder(), 'audit.jsonl') });
  const opened = await gatewayInMemory({ q: quoting.url }, { rules, audit, metrics: true, ...options });
  const execute = (args: object) => opened.client.callTool({ name: 'execute_tool', arguments: { ...args } });
  return { ...opened, audit, execute, lines: () => linesOf(audit.file) };
}

test('each decision is one line, with all fields in their order', async () => {
  const { client, close, execute, lines } = await audited();
  await execute({ agent_id: 'a', server: 'q', tool: 'echo', args: { x: 1 } });
  await execute({ agent_id: 'a', server: 'q', tool: 'soft', args: { x: 1 } });
  await execute({ agent_id: 'b', server: 'q', tool: 'soft', args: { x: 1 } });
  await execute({ agent_id: 'b', server: 'q', tool: 'fail', args: { x: 1 } });
  await execute({ agent_id: 'b', server: 'nowhere', tool: 'echo' });
  await execute({ agent_id: 'stranger', server: 'q', tool: 'echo' });
  await execute({ server: 'q', tool: 'echo' });
  await execute({ agent_id: 'b', server: 'q', tool: 'echo', args: 'no object' });
  await client.callTool({ name: 'list_servers', arguments: { agent_id: 'a' } });
  await client.callTool({ name: 'list_servers', arguments: {} });
  await client.callTool({ name: 'get_server_tools', arguments: { agent_id: 'a', server: 'nowhere' } });
  await close();
  const all = lines();
  for (const line of all) expect(Object.keys(line)).toEqual(fields);
  expect(all.map(({ operation, decision, error }) => [operation, decision, error])).toEqual([
    ['tools/call', 'ALLOW', null],
    ['tools/call', 'DENY', 'DENIED_BY_POLICY'],
    ['tools/call', 'ALLOW', 'tool_error'],
    ['tools/call', 'ERROR', 'REFUSED_BY_SERVER'],
    ['tools/call', 'DENY', 'DENIED_BY_POLICY'],
    ['tools/call', 'DENY', 'DENIED_BY_POLICY'],
    ['tools/call', 'DENY', 'INVALID_AGENT_ID'],
    ['tools/call', 'ERROR', 'INVALID_ARGUMENTS'],
    ['list_servers', 'ALLOW', null],
    ['list_servers', 'DENY', 'INVALID_AGENT_ID'],
    ['get_server_tools', 'DENY', 'DENIED_BY_POLICY'],
  ]);
  const [allowed, denied, soft] = all;
  expect(allowed).toMatchObject({ agent_id: 'a', client: 'app:tester/1.2', server: 'q', tool: 'echo' });
  expect(allowed?.['bytes']).toBeGreaterThan(0);
  expect(denied).toMatchObject({ rule: 'agents.a.deny.tools.q[0]', bytes: null });
  expect(new Date(String(allowed?.['timestamp'])).toISOString()).toBe(allowed?.['timestamp']);
  expect(allowed?.['args_hash']).toMatch(/^[\da-f]{64}$/);
  expect(soft?.['args_hash']).toBe(allowed?.['args_hash']);
  expect(new Set(all.map(({ request_id: id }) => id)).size).toBe(all.length);
});

test('nothing of what is asked and answered is in the log or in the metrics, whatever it is', async () => {
  const { audit, close, execute, gateway, lines, logger } = await audited();
  const secret = fc.stringMatching(/^[a-z]{8}$/).map((text) => `SECRET${text}`);
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      secret,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(secret, tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(secret, value, { minKeys: 1, maxKeys: 4 }),
      fc.constantFrom('a', 'b', 'stranger'),
      fc.constantFrom('echo', 'soft', 'fail', 'missing'),
      fc.boolean(),
      async (args, agent, tool, asText) => {
        await execute({ agent_id: agent, server: 'q', tool, args: asText ? `${JSON.stringify(args)}x` : args });
        asked += 1;
      },
    ),
    { numRuns: 60 },
  );
  const metrics = (await gateway.metrics?.())?.text ?? '';
  await close();
  expect(lines()).toHaveLength(asked);
  expect(readFileSync(audit.file, 'utf8')).not.toContain('SECRET');
  expect(metrics).toContain('mcp_server_operation_duration_seconds_count');
  expect(metrics).not.toContain('SECRET');
  expect(JSON.stringify(logger.entries)).not.toContain('SECRET');
});

test('names that others make up are bounded, and have no control characters', async () => {
  const { close, execute, lines } = await audited();
  await execute({ agent_id: 'a', server: 'q', tool: `x\u202e\u0007${'y'.repeat(10_000)}` });
  await close();
  const [line] = lines();
  expect(String(line?.['tool'])).toMatch(/^x\uFFFD\uFFFDy+…$/);
  expect(JSON.stringify(line).length).toBeLessThan(2_000);
});

test('the transparent face tells of lists, of what is not offered, and of reads without their queries', async () => {
  const { client, close, lines } = await audited({ face: 'transparent', agent: 'a' });
  await client.listTools();
  await client.callTool({ name: 'nothing' }).catch(() => undefined);
  await client.callTool({ name: 'echo', arguments: {} });
  await client.readResource({ uri: 'test://u:SECRET@x/y?token=SECRET#SECRET' }).catch(() => undefined);
  await close();
  expect(lines().map(({ operation, decision, tool }) => [operation, decision, tool])).toEqual([
    ['tools/list', 'ALLOW', null],
    ['tools/call', 'DENY', 'nothing'],
    ['tools/call', 'ALLOW', 'echo'],
    ['resources/read', 'DENY', 'test://x/y'],
  ]);
  expect(JSON.stringify(lines())).not.toContain('SECRET');
});
