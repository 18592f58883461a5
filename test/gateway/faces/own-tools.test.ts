import { describe, expect, it } from 'vitest';
import { GatechartError } from '../../../src/errors.js';
import { errorOf, type ScriptedClient, scriptedGateway } from '../../fixtures/gateway/scripted-gateway.js';
import { tool } from '../../fixtures/gateway/scripted-servers.js';

const rules = {
  agents: {
    a: { allow: { servers: ['s', 'away'], tools: { s: ['get_*'] } } },
    secretive: { allow: { servers: ['vault', 'nowhere'] } },
  },
};
const away = { listing: () => Promise.reject(new GatechartError('SERVER_UNAVAILABLE', 'it is away')) };
const servers = {
  s: { lists: { tools: [tool('get_a', { description: 'Finds dogs.' }), tool('get_b'), tool('drop')] } },
  vault: { lists: { tools: [tool('open_vault', { description: 'Finds dogs.' })] } },
  away,
};

const ask = async (client: ScriptedClient, name: string, args: object = {}): Promise<Record<string, unknown>> => {
  const result = await client.request('tools/call', { name, arguments: { agent_id: 'a', ...args } });
  return result['structuredContent'] as Record<string, unknown>;
};

describe('what the gateway tells an agent', () => {
  it.each([
    ['list_servers', {}],
    ['list_servers', { include_metadata: true }],
    ['get_server_tools', { server: 's' }],
    ['get_server_tools', { server: 'away' }],
    ['search_tools', { query: 'dogs' }],
    ['get_gateway_status', {}],
  ])('names no server, tool or agent that is not for it: %s %j', async (name, args) => {
    const { connect, gateway } = await scriptedGateway(servers, { rules, debug: true });
    expect(() => gateway.reloadRules({ agents: { secretive: 7 as never } })).toThrow('secretive');
    const text = JSON.stringify(await ask(connect(), name, args));
    expect(text).not.toMatch(/vault|secretive|nowhere|drop/);
    expect(text).toMatch(/"s"|away/);
  });

  it('tells whoever runs it all', async () => {
    const { gateway } = await scriptedGateway(servers, { rules });
    expect(() => gateway.reloadRules({ agents: { secretive: 7 as never } })).toThrow('secretive');
    expect(gateway.status()).toMatchObject({
      available_servers: ['s', 'vault', 'away'],
      policy_state: { total_agents: 2, agent_ids: ['a', 'secretive'] },
      reload_status: {
        gateway_rules: {
          last_error: expect.stringContaining('secretive'),
          last_warnings: [expect.stringContaining('nowhere')],
        },
      },
    });
  });

  it('counts no tool that the agent may not call', async () => {
    const { connect } = await scriptedGateway(servers, { rules });
    expect(await ask(connect(), 'get_server_tools', { server: 's', names: 'get_b,drop' })).toMatchObject({
      tools: [{ name: 'get_b' }],
      total_available: 2,
      returned: 1,
      error: null,
    });
  });

  it('names servers that could not be searched, of those that the agent may use', async () => {
    const { connect } = await scriptedGateway(servers, { rules });
    expect(await ask(connect(), 'search_tools', { query: 'dogs' })).toMatchObject({
      tools: [{ server: 's', name: 'get_a' }],
      unavailable_servers: ['away'],
    });
  });
});

describe('what audits are told of the gateway’s own tools', () => {
  it.each([
    ['get_server_tools', { server: 's' }, 'ALLOW', undefined],
    ['get_server_tools', { server: 'vault' }, 'DENY', 'DENIED_BY_POLICY'],
    ['get_server_tools', { server: 'none' }, 'DENY', 'DENIED_BY_POLICY'],
    ['get_server_tools', { server: 'away' }, 'ERROR', 'SERVER_UNAVAILABLE'],
    ['get_server_tools', { server: 's', agent_id: '' }, 'DENY', 'INVALID_AGENT_ID'],
    ['get_server_tools', { sever: 's' }, 'ERROR', 'INVALID_ARGUMENTS'],
    ['list_servers', {}, 'ALLOW', undefined],
    ['search_tools', { query: 'x' }, 'ALLOW', undefined],
    ['search_tools', { query: 'x', limit: 99 }, 'ERROR', 'INVALID_ARGUMENTS'],
  ])('is one record: %s %j is %s', async (name, args, decision, error) => {
    const { connect, records } = await scriptedGateway(servers, { rules });
    await ask(connect(), name, args);
    expect(records).toMatchObject([{ operation: name, decision, error }]);
    expect(records).toHaveLength(1);
  });

  it('is the rule as well, and the server that was asked about', async () => {
    const denied = { agents: { a: { allow: { servers: ['*'] }, deny: { servers: ['vault'] } } } };
    const { connect, records } = await scriptedGateway(servers, { rules: denied });
    const answer = await ask(connect(), 'get_server_tools', { server: 'vault' });
    expect(answer).toMatchObject({
      error: "Access denied: Agent 'a' cannot access server 'vault'",
      errorCode: 'DENIED_BY_POLICY',
      tools: [],
    });
    expect(records).toMatchObject([{ server: 'vault', rule: 'agents.a.deny.servers[0]' }]);
  });

  it('is a refusal of another agent than the fixed one', async () => {
    const { connect, records } = await scriptedGateway(servers, { rules, agent: 's' });
    const result = await connect().request('tools/call', { name: 'list_servers', arguments: { agent_id: 'a' } });
    expect(errorOf(result)).toMatchObject({ code: 'INVALID_AGENT_ID' });
    expect(records).toMatchObject([{ decision: 'DENY', operation: 'list_servers' }]);
  });
});
