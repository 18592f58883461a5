import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createServerSet } from '../../../src/downstream/create-server-set.js';
import { createAudit } from '../../../src/gateway/audit/create-audit.js';
import { createGateway } from '../../../src/gateway/create-gateway.js';
import { serveGateway } from '../../../src/gateway/serve-gateway.js';
import { RecordingLogger } from '../../../src/testing/recording-logger.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { readPrometheus } from '../../fixtures/gateway/prometheus-text.js';
import { temporaryFolder } from '../../fixtures/gateway/temporary-folder.js';

const token = 'a-token-of-the-test';

async function served() {
  const logger = new RecordingLogger();
  const audit = await createAudit({ file: join(temporaryFolder(), 'audit.jsonl'), logger });
  const servers = await createServerSet({ servers: { mcpServers: {} }, logger });
  const gateway = await createGateway({ servers, audit, metrics: true, logger });
  const server = await serveGateway(gateway, { transport: { kind: 'http', port: 0, token }, logger, drainMs: 0 });
  cleanups.push(() => server.close());
  const read = async (path: string, authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await fetch(new URL(path, server.address), { headers });
    return { status: answer.status, text: await answer.text() };
  };
  const lines = async () => {
    await server.close();
    return readFileSync(audit.file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  };
  return { read, lines };
}

test('whoever has not proven who they are gets no metrics, and is written down once, without what they sent', async () => {
  const { read, lines } = await served();
  expect((await read('/metrics')).status).toBe(401);
  expect((await read('/mcp', 'Bearer SECRET-of-a-stranger')).status).toBe(401);
  const { status, text } = await read('/metrics', `Bearer ${token}`);
  expect(status).toBe(200);
  const denied = { rule_kind: 'http', error_type: 'HTTP_401' };
  expect(readPrometheus(text).value('gatechart_denied_total', denied)).toBe(2);
  const all = await lines();
  expect(all).toHaveLength(2);
  const line = { operation: 'http', decision: 'DENY', error: 'HTTP_401', client: 'address:127.0.0.1', agent_id: null };
  for (const one of all) expect(one).toMatchObject(line);
  expect(JSON.stringify(all)).not.toContain('SECRET');
});

test('a flood of refusals pushes nothing else out of the log', async () => {
  const { read, lines } = await served();
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 20 }, () => read('/mcp')));
  const { length } = await lines();
  expect(length).toBeGreaterThanOrEqual(100);
  expect(length).toBeLessThan(300);
});
