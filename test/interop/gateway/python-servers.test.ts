import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { descendantsOf, isRunning } from '../../fixtures/processes/process-table.js';
import { type HttpGateway, openPythonHouse, type PythonHouse } from './python-house.js';

const older = inject('gatewayPython');
const newer = inject('serversPython');
const info = { name: 'test', version: '1' };

describe.skipIf(older === null || newer === null)('servers in Python behind the gateway', () => {
  let house: PythonHouse;
  let gateway: HttpGateway;
  const client = new Client(info, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) =>
    params.message === 'Which title?' ? { action: 'accept', content: { title: 'Tea' } } : { action: 'decline' },
  );
  beforeAll(async () => {
    house = await openPythonHouse({ older: older ?? '', newer: newer ?? '' });
    gateway = await house.overHttp('on-demand');
    const headers = { Authorization: `Bearer ${gateway.token}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url), { requestInit: { headers } }));
  });
  afterAll(async () => {
    await client.close();
    await house[Symbol.asyncDispose]();
  });

  const use = async (name: string, args: object = {}, onprogress?: (heard: { progress: number }) => void) =>
    CallToolResultSchema.parse(
      await client.callTool({ name, arguments: { ...args } }, undefined, onprogress && { onprogress }),
    );
  const call = (server: string, tool: string, args: object = {}, onprogress?: Parameters<typeof use>[2]) =>
    use('execute_tool', { server, tool, args }, onprogress);

  it('tools are found among all servers that work, and the one that does not is named', async () => {
    const { structuredContent } = await use('search_tools', { query: 'commit', limit: 50 });
    expect(structuredContent).toMatchObject({
      tools: expect.arrayContaining([expect.objectContaining({ server: 'git', name: 'git_commit' })]),
      unavailable_servers: ['sqlite'],
    });
  });

  it('the git server tells of a repository, and says what it cannot do', async () => {
    const { content, isError } = await call('git', 'git_log', { repo_path: house.gitRepository });
    expect(isError).toBeFalsy();
    expect(JSON.stringify(content)).toContain('the first commit');
    const elsewhere = await call('git', 'git_log', { repo_path: '/' });
    expect(elsewhere).toMatchObject({ isError: true, structuredContent: { isError: true } });
    expect(JSON.stringify(elsewhere.content)).toContain('outside');
  });

  it('the time server tells the time and converts it', async () => {
    const { content } = await call('time', 'get_current_time', { timezone: 'UTC' });
    expect(JSON.stringify(content)).toContain('+00:00');
    const times = { source_timezone: 'UTC', time: '12:00', target_timezone: 'Asia/Tokyo' };
    expect(JSON.stringify((await call('time', 'convert_time', times)).content)).toContain('T21:00:00+09:00');
  });

  it.each(['older', 'newer', 'older-http', 'newer-http'])('%s: a FastMCP server', async (server) => {
    const counted = await call(server, 'count_words', { text: 'buy milk' });
    expect(counted.structuredContent).toMatchObject({ structuredContent: { text: 'buy milk', words: 2 } });
    const heard: number[] = [];
    const copied = await call(server, 'copy', {}, ({ progress }) => void heard.push(progress));
    expect(copied.content).toEqual([{ type: 'text', text: 'copied' }]);
    // A client of v1 does not hear what comes together with the answer.
    expect(heard.slice(0, 2)).toEqual([1, 2]);
    expect((await call(server, 'name')).content).toEqual([{ type: 'text', text: 'accept: Tea' }]);
    expect(await call(server, 'tear', { text: 'it' })).toMatchObject({ isError: true });
  });

  it('calls of the server that does not start are told why, and the status tells it, too', async () => {
    const { isError, structuredContent } = await call('sqlite', 'list_tables');
    const why = expect.stringMatching(/exited with code 1[^]*AttributeError/);
    expect({ isError, structuredContent }).toEqual({
      isError: true,
      structuredContent: { error: expect.objectContaining({ code: 'SERVER_UNAVAILABLE', message: why }) },
    });
    const status = await use('get_gateway_status');
    const all: unknown = status.structuredContent?.['servers'];
    const states = Object.fromEntries(
      (all as { name: string; state: string; lastError?: string }[]).map(({ name, state, lastError }) => [
        name,
        { state: state.split('.')[0], lastError },
      ]),
    );
    const ready = { state: 'ready', lastError: undefined };
    expect(states).toEqual({
      older: ready,
      newer: ready,
      'older-http': ready,
      'newer-http': ready,
      git: ready,
      time: ready,
      sqlite: { state: 'failed', lastError: why },
    });
  });

  it('the gateway ends all that it started', async () => {
    const below = descendantsOf(gateway.pid);
    // Two of FastMCP, git and time.
    expect(below.length).toBeGreaterThanOrEqual(4);
    expect(await gateway.close()).toBe(0);
    expect(below.filter(isRunning)).toEqual([]);
  });
});
