import { describe, expect, it } from 'vitest';
import { GatechartError } from '../../../src/errors.js';
import { LinkError } from '../../../src/transports/transport.js';
import { errorOf, scriptedGateway, textOf } from '../../fixtures/gateway/scripted-gateway.js';
import { tool } from '../../fixtures/gateway/scripted-servers.js';
import { Cancellation } from '../../../src/time/cancellation.js';

const rules = {
  agents: {
    a: { allow: { servers: ['s'], tools: { s: ['get_*'] } } },
    b: { allow: { servers: ['t', 'gone'] } },
  },
};
const servers = { s: { lists: { tools: [tool('get_a'), tool('drop')] } }, t: { lists: { tools: [tool('get_a')] } } };

describe('what execute_tool answers where no server is asked', () => {
  it.each([
    ['a server that the agent may not use', { server: 't', tool: 'get_a' }, "Agent 'a' cannot access server 't'"],
    ['a server that does not exist', { server: 'none', tool: 'x' }, "Agent 'a' cannot access server 'none'"],
    ['a tool', { server: 's', tool: 'drop' }, "Agent 'a' not authorized to call tool 'drop' on server 's'"],
  ])('is the text of agent-mcp-gateway, and the rule for programs: %s', async (_what, args, text) => {
    const { connect, records, servers: set } = await scriptedGateway(servers, { rules });
    const result = await connect().execute({ agent_id: 'a', ...args });
    expect(textOf(result)).toBe(text);
    expect(result['isError']).toBe(true);
    expect(errorOf(result)).toMatchObject({ code: 'DENIED_BY_POLICY', message: text });
    expect(set.reached).toEqual([]);
    expect(records.map(({ decision, server, subject }) => [decision, server, subject])).toEqual([
      ['DENY', args.server, args.tool],
    ]);
  });

  it('says of a server that is not configured only to those who may use it', async () => {
    const { connect, records } = await scriptedGateway(servers, { rules });
    const result = await connect().execute({ agent_id: 'b', server: 'gone', tool: 'x' });
    expect(textOf(result)).toBe("Server 'gone' not found in configured servers");
    expect(records).toMatchObject([{ decision: 'ERROR', error: 'SERVER_NOT_FOUND' }]);
  });

  it.each([
    ['no agent', {}, 'INVALID_AGENT_ID', 'DENY'],
    ['an agent that is no text', { agent_id: 7 }, 'INVALID_AGENT_ID', 'DENY'],
    ['an argument that is not known', { agent_id: 'a', tol: 'x' }, 'INVALID_ARGUMENTS', 'ERROR'],
  ])('is put on record: %s', async (_what, args, code, decision) => {
    const { connect, records } = await scriptedGateway(servers, { rules });
    const result = await connect().execute({ server: 's', tool: 'get_a', ...args });
    expect(errorOf(result)).toMatchObject({ code });
    expect(records).toMatchObject([{ decision, error: code, server: 's', subject: 'get_a', operation: 'tools/call' }]);
  });

  it('refuses another agent than the one that is fixed, and puts it on record', async () => {
    const { connect, records, servers: set } = await scriptedGateway(servers, { rules, agent: 'a' });
    const result = await connect().execute({ agent_id: 'b', server: 't', tool: 'get_a' });
    expect(errorOf(result)).toMatchObject({ code: 'INVALID_AGENT_ID' });
    expect(records).toMatchObject([{ decision: 'DENY', reason: expect.stringContaining('b') }]);
    expect(set.reached).toEqual([]);
  });

  it('refuses an agent that whoever has proven to be another names', async () => {
    const identity = { user: 'a', credentials: 'c', claims: {}, scopes: [] };
    const { connect, servers: set } = await scriptedGateway(servers, { rules });
    const client = connect({ identity });
    expect(errorOf(await client.execute({ agent_id: 'b', server: 't', tool: 'get_a' }))).toMatchObject({
      code: 'INVALID_AGENT_ID',
    });
    await client.execute({ server: 's', tool: 'get_a' });
    expect(set.reached.map(({ options }) => options.caller?.agent)).toEqual(['a']);
  });

  it('is an error of the tool for a tool that the gateway does not have, put on record', async () => {
    const { connect, records } = await scriptedGateway(servers, { rules });
    const result = await connect().request('tools/call', { name: 'nope' });
    expect([textOf(result), result['isError']]).toEqual(['Unknown tool: nope', true]);
    expect(records).toMatchObject([{ decision: 'DENY', error: 'TOOL_NOT_FOUND', subject: 'nope' }]);
  });
});

describe('what execute_tool answers of a server', () => {
  const image = { type: 'image', data: 'AA==', mimeType: 'image/png' };
  const answered = { content: [image], structuredContent: { a: 1 }, _meta: { m: 1 } };

  it('is its content as it came, in the envelope that programs read', async () => {
    const { connect } = await scriptedGateway({ s: { script: () => answered } });
    expect(await connect().execute({ server: 's', tool: 'x' })).toEqual({
      _meta: { m: 1 },
      content: [image],
      structuredContent: { content: [image], isError: false, structuredContent: { a: 1 } },
      isError: false,
    });
  });

  it('is all in one text where the old envelope is asked for', async () => {
    const { connect } = await scriptedGateway({ s: { script: () => answered } }, { envelope: 'reference' });
    const result = await connect().execute({ server: 's', tool: 'x' });
    const envelope = { content: [{ ...image, annotations: null, meta: null }], isError: false };
    expect(result['structuredContent']).toEqual(envelope);
    expect(JSON.parse(String(textOf(result)))).toEqual(envelope);
  });

  it.each([{ a: 1 }, '{"a":1}'])('takes arguments as an object and as a text: %j', async (args) => {
    const { connect, servers: set } = await scriptedGateway({ s: {} });
    await connect().execute({ server: 's', tool: 'x', args });
    expect(set.reached[0]?.request.params).toEqual({ name: 'x', arguments: { a: 1 } });
  });

  it('leads the cause of a failure with the words of agent-mcp-gateway', async () => {
    const script = () => {
      throw new GatechartError('SERVER_UNAVAILABLE', 's is away', { details: { nextTryInMs: 7 } });
    };
    const { connect, records } = await scriptedGateway({ s: { script } });
    const result = await connect().execute({ server: 's', tool: 'x' });
    expect(textOf(result)).toBe('Tool execution failed: Failed to call tool x on server s: s is away');
    expect(errorOf(result)).toMatchObject({ code: 'SERVER_UNAVAILABLE', retryAfterMs: 7 });
    expect(records).toMatchObject([{ decision: 'ERROR', error: 'SERVER_UNAVAILABLE' }]);
  });

  it('tells an error of JSON-RPC that a server answers in the same words', async () => {
    const script = () => {
      const cause = new LinkError('refused', 'no such tool', { rpcCode: -32602 });
      throw new GatechartError('CALL_REFUSED', 'refused', { cause });
    };
    const { connect } = await scriptedGateway({ s: { script } });
    const result = await connect().execute({ server: 's', tool: 'x' });
    expect(textOf(result)).toBe('Tool execution failed: Failed to call tool x on server s: no such tool');
  });

  it('says nothing of what went wrong inside', async () => {
    const { connect } = await scriptedGateway({ s: { script: () => Promise.reject(new TypeError('secret')) } });
    const result = await connect().execute({ server: 's', tool: 'x' });
    expect(JSON.stringify(result)).not.toContain('secret');
    expect(errorOf(result)).toMatchObject({ code: 'INTERNAL_ERROR' });
  });
});

describe('the time of execute_tool', () => {
  const never = { s: { script: () => new Promise<never>(() => {}) } };

  it.each([null, 0])('is that of the server where %s is given', async (timeout_ms) => {
    const { clock, connect } = await scriptedGateway({ s: { ...never.s, entry: { timeoutMs: 500 } } });
    const result = connect().execute({ server: 's', tool: 'x', timeout_ms });
    await clock.run(500);
    expect(textOf(await result)).toBe('Tool execution timed out after 500ms');
    expect(clock.size).toBe(0);
  });

  it('is over at once where it is negative, and the server hears nothing of it', async () => {
    const { connect, records, servers: set } = await scriptedGateway(never);
    const result = await connect().execute({ server: 's', tool: 'x', timeout_ms: -1 });
    expect(errorOf(result)).toMatchObject({ code: 'TIMEOUT' });
    expect(set.reached).toEqual([]);
    expect(records).toHaveLength(1);
  });

  it('reaches the server, which is told that nobody waits', async () => {
    const { clock, connect, servers: set } = await scriptedGateway(never);
    const result = connect().execute({ server: 's', tool: 'x', timeout_ms: 30 });
    await clock.run(30);
    expect(errorOf(await result)).toMatchObject({ code: 'TIMEOUT' });
    expect(set.reached[0]?.options.signal?.aborted).toBe(true);
    expect(set.reached[0]?.options.timeoutMs).toBe(30);
  });

  it('is told in the same words where the time of the server is over first', async () => {
    const script = () => {
      throw new GatechartError('CALL_TIMEOUT', 's did not answer within 30 ms');
    };
    const { connect } = await scriptedGateway({ s: { script } });
    const result = await connect().execute({ server: 's', tool: 'x', timeout_ms: 30 });
    expect(textOf(result)).toBe('Tool execution timed out after 30ms');
  });

  it('ends when the client does not wait any more', async () => {
    const { clock, connect, servers: set } = await scriptedGateway(never);
    const signal = new Cancellation();
    const result = connect().execute({ server: 's', tool: 'x' }, { signal });
    await clock.run(0);
    signal.abort(new Error('gone'));
    expect(errorOf(await result)).toMatchObject({ code: 'CANCELLED' });
    expect(set.reached[0]?.options.signal?.aborted).toBe(true);
    expect(clock.holding).toBe(0);
  });

  it('asks no server for a call that was cancelled before it began', async () => {
    const { connect, records, servers: set } = await scriptedGateway(never);
    const signal = new Cancellation();
    signal.abort(new Error('gone'));
    expect(errorOf(await connect().execute({ server: 's', tool: 'x' }, { signal }))).toMatchObject({
      code: 'CANCELLED',
    });
    expect(set.reached).toEqual([]);
    expect(records).toHaveLength(1);
  });
});
