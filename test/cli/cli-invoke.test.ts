import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { folderWith } from '../fixtures/manager/managers.js';
import { type Ended, gatechart } from '../fixtures/processes/processes.js';

const plugin = `import { definePlugin } from 'gatechart';
export const Guard = definePlugin({
  hooks: {
    tool_pre_invoke(payload, { globalContext, state }) {
      if (payload.name === 'boom') throw new Error('kaboom');
      if (payload.name === 'drop') {
        return { continueProcessing: false, violation: { reason: 'Not allowed', description: 'drop', code: 'DENIED', details: { rule_id: 7 } } };
      }
      state.seen = payload.name;
      globalContext.state = { ...globalContext.state, by: globalContext.user };
      return {
        modifiedPayload: { ...payload, args: { ...payload.args, safe: true } },
        metadata: { request: globalContext.requestId, tenant: globalContext.tenantId },
      };
    },
    agent_pre_invoke: (payload) => ({ modifiedPayload: { ...payload, systemPrompt: 'be careful' } }),
  },
});
`;

let folder: string;
beforeEach(() => {
  folder = folderWith({
    'guard.mjs': plugin,
    'plugins.yaml': 'plugins:\n- {name: Guard, kind: ./guard.mjs#Guard, hooks: [tool_pre_invoke, agent_pre_invoke]}\n',
  });
});

function invoke(payload: unknown, more: { hook?: string; context?: unknown; args?: string[] } = {}): Promise<Ended> {
  writeFileSync(join(folder, 'payload.json'), JSON.stringify(payload));
  const args = ['--config', 'plugins.yaml', '--hook', more.hook ?? 'tool_pre_invoke', '--payload', 'payload.json'];
  if (more.context !== undefined) {
    writeFileSync(join(folder, 'context.json'), JSON.stringify(more.context));
    args.push('--context', 'context.json');
  }
  return gatechart(['invoke', ...args, ...(more.args ?? [])], { cwd: folder });
}

describe('gatechart invoke', () => {
  it('prints an allowed request in the names of the wire, and ends with 0', async () => {
    const { code, stdout, stderr } = await invoke({ name: 'search', args: { q: 'x' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      result: {
        continue_processing: true,
        modified_payload: { name: 'search', args: { q: 'x', safe: true }, headers: null },
        modified_extensions: null,
        violation: null,
        metadata: { request: '1' },
        http_headers: null,
        retry_delay_ms: 0,
        executions: [
          expect.objectContaining({
            plugin_name: 'Guard',
            hook_name: 'tool_pre_invoke',
            status: 'completed',
            requested_allow: true,
            payload_modified: true,
            error_code: null,
          }),
        ],
      },
      context: expect.objectContaining({ global_context: expect.objectContaining({ request_id: '1' }) }),
    });
  });

  it('ends with 1 where a plugin blocks, and prints the violation', async () => {
    const { code, stdout } = await invoke({ name: 'drop' });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      result: {
        continue_processing: false,
        violation: {
          reason: 'Not allowed',
          description: 'drop',
          code: 'DENIED',
          plugin_name: 'Guard',
          details: { rule_id: 7 },
        },
      },
    });
  });

  it('ends with 2 where a plugin fails, and prints its error in both forms', async () => {
    const { code, stdout, stderr } = await invoke({ name: 'boom' });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: { message: 'kaboom', plugin_name: 'Guard', code: '', details: {}, mcp_error_code: -32603 },
    });
    expect(stderr).toBe('Plugin Guard: kaboom\n');
  });

  it.each<[string, unknown]>([
    [
      'a whole context',
      {
        global_context: { request_id: 'r9', tenant_id: 't1', user: 'ada', state: { before: 1 } },
        state: {},
        metadata: {},
      },
    ],
    ['a bare global context', { request_id: 'r9', tenant_id: 't1', user: 'ada', state: { before: 1 } }],
  ])('takes %s', async (_, context) => {
    const { code, stdout } = await invoke({ name: 'search' }, { context });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      result: { metadata: { request: 'r9', tenant: 't1' } },
      context: { global_context: { request_id: 'r9', user: 'ada', state: { before: 1, by: 'ada' } } },
    });
  });

  it('translates names in both directions', async () => {
    const payload = { agent_id: 'a', messages: [], system_prompt: 'be bold' };
    const { stdout } = await invoke(payload, { hook: 'agent_pre_invoke' });
    expect(JSON.parse(stdout)).toMatchObject({
      result: { modified_payload: { agent_id: 'a', system_prompt: 'be careful' } },
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['a context that is no object', 'me', /^context\.json: .*found .*expected an object/],
    [
      'a context without request_id',
      { global_context: {} },
      /^context\.json: context\.global_context\.request_id: found nothing, expected a string$/m,
    ],
  ])('refuses %s', async (_, context, message) => {
    const { code, stdout, stderr } = await invoke({ name: 'search' }, { context });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.each<[level: string | undefined, lines: number]>([
    ['INFO', 2],
    ['Warning', 1],
    ['CRITICAL', 0],
    ['', 1],
    [undefined, 1],
  ])('logs at the level of the environment, warnings where it says nothing (%j)', async (level, lines) => {
    writeFileSync(join(folder, 'payload.json'), '{"name":"search"}');
    writeFileSync(join(folder, 'quiet.yaml'), 'plugins: []\nplugin_settings: {parallel_execution_within_band: true}\n');
    const args = ['invoke', '--config', 'quiet.yaml', '--hook', 'tool_pre_invoke', '--payload', 'payload.json'];
    const env = level === undefined ? {} : { PLUGINS_LOG_LEVEL: level };
    const { code, stderr } = await gatechart(args, { cwd: folder, env });
    expect(code).toBe(0);
    expect(stderr.split('\n').filter((line) => line !== '')).toHaveLength(lines);
  });

  it('refuses a level that there is none of with 2', async () => {
    writeFileSync(join(folder, 'payload.json'), '{"name":"search"}');
    const args = ['invoke', '--config', 'plugins.yaml', '--hook', 'tool_pre_invoke', '--payload', 'payload.json'];
    const { code, stdout, stderr } = await gatechart(args, { cwd: folder, env: { PLUGINS_LOG_LEVEL: 'LOUD' } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^the environment has 1 error\nPLUGINS_LOG_LEVEL: expected one of .*\n$/);
  });

  it('refuses a payload that is no JSON, and a wrong command line, with 2', async () => {
    writeFileSync(join(folder, 'bad.json'), '{"name":');
    const args = ['invoke', '--config', 'plugins.yaml', '--hook', 'tool_pre_invoke'];
    const bad = await gatechart([...args, '--payload', 'bad.json'], { cwd: folder });
    expect(bad).toMatchObject({ code: 2, stdout: '' });
    expect(bad.stderr).toMatch(/^bad\.json is not JSON: .*\n$/);
    const incomplete = await gatechart(args, { cwd: folder });
    expect(incomplete).toMatchObject({ code: 2, stdout: '' });
    expect(incomplete.stderr).toMatch(/^error: required option '--payload <file>' not specified\n/);
  });
});
