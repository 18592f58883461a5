import { expect, it } from 'vitest';
import type { Options } from '../fixtures/servers/http-plugin-server.mjs';
import { serve } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start } from '../fixtures/manager/managers.js';

type Intercept = NonNullable<Options['intercept']>;

const empty = '{"jsonrpc":"2.0","id":ID,"result":{"content":[]}}';

it.each<[string, Record<string, string>, string, string]>([
  ['an answer from another session', { 'mcp-session-id': 'another' }, empty, 'CALL_OUTCOME_UNKNOWN'],
  ['an answer that holds nothing', {}, empty, 'PLUGIN_FAILED'],
  ['no answer at all, with status 200', {}, '', 'CALL_OUTCOME_UNKNOWN'],
])('%s is no success', async (_, headers, body, code) => {
  let intercept: Intercept = () => false;
  const server = await serve({ intercept: (seen, response) => intercept(seen, response) });
  const manager = await start({ config: external(http(server.url, { replay: 'never' })) });
  intercept = (seen, response) => {
    if (seen.message?.method !== 'tools/call') return false;
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(body.replace('ID', String(seen.message.id)));
    return true;
  };
  await expect(callTool(manager, 'echo')).rejects.toMatchObject({ code, failure: { pluginName: 'Guard' } });

  intercept = () => false;
  expect((await callTool(manager, 'pid')).metadata).toEqual({ pid: process.pid });
});
