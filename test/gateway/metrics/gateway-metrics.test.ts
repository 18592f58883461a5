import { expect, test } from 'vitest';
import { ruleKind } from '../../../src/gateway/telemetry/rule-kind.js';
import { LabelValues } from '../../../src/observability/label-values.js';
import { mostValues } from '../../../src/observability/measures.js';
import { createPrometheus } from '../../../src/prometheus/create-prometheus.js';
import { callRecord } from '../../fixtures/gateway/call-records.js';
import { gatewayInMemory } from '../../fixtures/gateway/gateway-in-memory.js';
import { readPrometheus } from '../../fixtures/gateway/prometheus-text.js';
import { startQuotingServer } from '../../fixtures/gateway/quoting-server.js';
import { eventually } from '../../fixtures/waiting.js';

const rules = { agents: { a: { allow: { servers: ['*'], tools: { q: ['*'] } }, deny: { tools: { q: ['soft'] } } } } };

test('calls, denials, servers and sessions are counted', async () => {
  const { url } = await startQuotingServer();
  const { gateway, client, close, servers } = await gatewayInMemory({ q: url }, { rules, agent: 'a', metrics: true });
  const execute = (tool: string) =>
    client.callTool({ name: 'execute_tool', arguments: { server: 'q', tool, args: { agent: 'never a label' } } });
  for (const tool of ['echo', 'echo', 'fail', 'soft']) await execute(tool);
  const page = await gateway.metrics?.();
  expect(page?.type).toMatch(/^text\/plain; version=0\.0\.4/);
  const metrics = readPrometheus(page?.text ?? '');
  const served = { mcp_method_name: 'tools/call', gen_ai_tool_name: 'execute_tool' };
  const name = 'mcp_server_operation_duration_seconds_count';
  expect(metrics.value(name, served)).toBe(2);
  expect(metrics.value(name, { ...served, error_type: 'tool_error' })).toBe(2);
  const asked = { mcp_method_name: 'tools/call', mcp_server_name: 'q', network_transport: 'tcp' };
  const calls = 'mcp_client_operation_duration_seconds_count';
  expect(metrics.value(calls, { ...asked, gen_ai_tool_name: 'echo' })).toBe(2);
  expect(metrics.value(calls, { ...asked, gen_ai_tool_name: 'other', error_type: 'REFUSED_BY_SERVER' })).toBe(1);
  expect(metrics.value('gatechart_denied_total', { rule_kind: 'rules', error_type: 'DENIED_BY_POLICY' })).toBe(1);
  expect(metrics.value('gatechart_server_state', { server: 'q', state: servers.status()[0]?.state ?? '' })).toBe(1);
  expect(metrics.value('gatechart_server_restarts_total', { server: 'q' })).toBe(0);
  expect(metrics.value('gatechart_server_calls_running', { server: 'q' })).toBe(0);
  expect(metrics.value('gatechart_clients', {})).toBe(1);
  expect(metrics.value('gatechart_audit_dropped_total', {})).toBe(0);
  expect(page?.text).not.toMatch(/never a label|"a"/);
  await client.close();
  await eventually('the client has left', () => gateway.clients === 0);
  const after = readPrometheus((await gateway.metrics?.())?.text ?? '');
  expect(after.value('mcp_server_session_duration_seconds_count', {})).toBe(1);
  await close();
});

test('a session with a server is measured when it ends', async () => {
  const { url } = await startQuotingServer();
  const { gateway, servers, client } = await gatewayInMemory({ q: url }, { metrics: true });
  await client.callTool({ name: 'execute_tool', arguments: { server: 'q', tool: 'echo' } });
  await servers.reload({ mcpServers: {} });
  const sessions = async () =>
    readPrometheus((await gateway.metrics?.())?.text ?? '').value('mcp_client_session_duration_seconds_count', {});
  await expect.poll(sessions).toBe(1);
});

test('without the option there are no metrics', async () => {
  const { url } = await startQuotingServer();
  const { gateway } = await gatewayInMemory({ q: url });
  expect(gateway.metrics).toBeUndefined();
});

test('names that are made up cost no more time series than there may be, and crowd out none that are real', async () => {
  const metrics = await createPrometheus();
  const operation = { side: 'server', method: 'tools/call', server: undefined, transport: undefined } as const;
  const went = { errorType: undefined, rpcCode: undefined };
  const failed = { errorType: '-32602', rpcCode: -32_602 };
  for (let tool = 0; tool < 10_000; tool++) metrics.operationEnded({ ...operation, subject: `no ${tool}` }, failed, 1);
  metrics.operationEnded({ ...operation, subject: 'real' }, went, 1);
  metrics.operationEnded({ ...operation, subject: 'x'.repeat(10_000) }, went, 1);
  const text = (await metrics.page()).text;
  expect(text).toContain('gen_ai_tool_name="real"');
  const series = text.split('\n').filter((line) => line.startsWith('mcp_server_operation_duration_seconds_count'));
  expect(series).toHaveLength(3);
});

test('values beyond the most are one', () => {
  const values = new LabelValues(mostValues.tools);
  const shown = new Set(Array.from({ length: 1_000 }, (_, index) => values.of(String(index))));
  expect(shown.size).toBe(mostValues.tools + 1);
  expect(values.of('0')).toBe('0');
});

test.each([
  [{ rule: 'agents.a.deny.servers[0]', error: 'DENIED_BY_POLICY' }, 'rules'],
  [{ rule: 'tools', error: 'TOOL_NOT_FOUND' }, 'entry'],
  [{ error: 'BLOCKED_BY_PLUGIN' }, 'plugin'],
  [{ operation: 'http', error: 'HTTP_401' }, 'http'],
  [{ error: 'INVALID_AGENT_ID' }, 'none'],
])('%j is counted as denied by %s', (over, kind) => {
  expect(ruleKind(callRecord({ ...over, decision: 'DENY' }))).toBe(kind);
});
