import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type House, openHouse } from './house.js';

const info = { name: 'test', version: '1' };
const filled = { action: 'accept' as const, content: { username: 'ada', email: 'ada@example.org' } };
const options = { capabilities: { elicitation: {} } };

async function v1(transport: Transport): Promise<Client> {
  const client = new Client(info, options);
  client.setRequestHandler(ElicitRequestSchema, () => filled);
  await client.connect(transport);
  return client;
}

/** Asks for the coming revision first, and has to make do with this one. */
async function v2(transport: StdioV2 | HttpV2): Promise<ClientV2> {
  const client = new ClientV2(info, { ...options, versionNegotiation: { mode: 'auto' } });
  client.setRequestHandler('elicitation/create', () => filled);
  await client.connect(transport);
  return client;
}

const clients: Readonly<Record<string, (house: House) => Promise<Client | ClientV2>>> = {
  'the client of SDK v1 over stdio': ({ command }) => v1(new StdioClientTransport({ ...command, stderr: 'ignore' })),
  'the client of SDK v1 over HTTP': ({ url }) => v1(new StreamableHTTPClientTransport(new URL(url))),
  'the client of SDK v2 over stdio': ({ command }) => v2(new StdioV2({ ...command, stderr: 'ignore' })),
  'the client of SDK v2 over HTTP': ({ url }) => v2(new HttpV2(new URL(url))),
};

let house: House;
beforeAll(async () => void (house = await openHouse()));
afterAll(() => house[Symbol.asyncDispose]());

describe.each(Object.entries(clients))('%s', (_name, connect) => {
  let client: Client | ClientV2;
  beforeAll(async () => void (client = await connect(house)));
  afterAll(() => client.close());

  test('lists what all servers have that work', async () => {
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['files__read_text_file', 'memory__read_graph', 'suite__test_simple_text']),
    );
    expect(names.filter((name) => name.startsWith('broken'))).toEqual([]);
  });

  test('calls tools of several servers', async () => {
    const listed = await client.callTool({ name: 'files__list_allowed_directories', arguments: {} });
    expect(JSON.stringify(listed.content)).toContain('conformance-clients-');
    const graph = await client.callTool({ name: 'memory__read_graph', arguments: {} });
    expect(graph.structuredContent).toEqual({ entities: [], relations: [] });
    const image = await client.callTool({ name: 'suite__test_image_content', arguments: {} });
    expect(image.content).toEqual([expect.objectContaining({ type: 'image', mimeType: 'image/png' })]);
  });

  test('gets prompts and reads resources', async () => {
    const args = { arg1: 'one', arg2: 'two' };
    const prompt = await client.getPrompt({ name: 'suite__test_prompt_with_arguments', arguments: args });
    expect(JSON.stringify(prompt.messages)).toContain("arg1='one', arg2='two'");
    const { resources } = await client.listResources();
    const [text] = resources.filter(({ uri }) => uri.endsWith('static-text'));
    const { contents } = await client.readResource({ uri: text?.uri ?? '' });
    expect(contents).toEqual([expect.objectContaining({ mimeType: 'text/plain' })]);
  });

  test('hears how far a call is', async () => {
    const heard: number[] = [];
    const call = { name: 'suite__test_tool_with_progress', arguments: {} };
    const onprogress = ({ progress }: { progress: number }) => void heard.push(progress);
    await (client instanceof Client
      ? client.callTool(call, undefined, { onprogress })
      : client.callTool(call, { onprogress }));
    // A client of v1 does not hear what comes together with the answer.
    expect(heard.slice(0, 2)).toEqual([0, 50]);
  });

  test('is asked what a server asks', async () => {
    const { content } = await client.callTool({ name: 'suite__test_elicitation', arguments: { message: 'Who?' } });
    expect(JSON.stringify(content)).toContain('action=accept');
    expect(JSON.stringify(content)).toContain('ada@example.org');
  });

  test('is told why a server cannot be used', async () => {
    const result = await client.callTool({ name: 'broken__anything', arguments: {} });
    expect(result).toMatchObject({ isError: true, structuredContent: { error: { code: 'SERVER_UNAVAILABLE' } } });
    expect(JSON.stringify(result.content)).toContain("server 'broken' is not available now: broken: the MCP server");
  });
});
