import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { normalised } from './differences.js';
import { Fixture } from './fixture.js';
import { startGatechartHost } from './gatechart-host.js';
import type { Call, Host, Json } from './host.js';
import { startPythonHost } from './python-host.js';
import { serveSample } from './samples.js';
import type { Server, Side } from './transports.js';

const python = inject('python');
const sides = ['ours', 'theirs'] as const;
const context = { state: {}, metadata: {}, global_context: { request_id: 'request-1', state: {}, metadata: {} } };

const message = { role: 'user', content: { type: 'text', text: 'hello' } };
const calls: readonly Call[] = [
  { hook: 'prompt_pre_fetch', payload: { prompt_id: 'p', args: { who: 'Ada' } } },
  { hook: 'prompt_post_fetch', payload: { prompt_id: 'p', result: { description: 'd', messages: [message] } } },
  { hook: 'tool_pre_invoke', payload: { name: 't', args: { a: [1, null] } } },
  { hook: 'tool_post_invoke', payload: { name: 't', result: { content: [{ type: 'text', text: 'done' }] } } },
];
const hooks = calls.map(({ hook }) => hook);

/** What the samples' own configurations say. */
const written = { name: 'Guard', version: '0.1.0', author: 'Ada', description: 'A filter plugin', priority: 150 };
const noOpResult = { continue_processing: true, modified_payload: null, violation: null, metadata: {} };

describe.runIf(python !== null).each(['native', 'external'] as const)('their sample plugin, %s', (sample) => {
  let fixture: Fixture;
  let hosts: Readonly<Record<Side, Host>>;
  beforeAll(() => {
    fixture = new Fixture(python ?? '');
    hosts = { ours: startGatechartHost(), theirs: startPythonHost(fixture.python) };
  });
  afterAll(async () => {
    await Promise.all(sides.map((side) => hosts[side].close()));
    await fixture.close();
  });

  describe.each(['stdio', 'unix', 'grpc'] as const)('over %s', (transport) => {
    let server: Server;
    const plugins: Partial<Record<Side, readonly Json[]>> = {};
    beforeAll(async () => {
      server = await serveSample(sample, transport, fixture);
      for (const side of sides)
        plugins[side] = await hosts[side].open(transport, fixture.hostConfig(server, { hooks }), 30);
    });

    test('brings its configuration', () => {
      expect(plugins.ours).toMatchObject([{ ...written, tags: ['plugin'], mode: 'sequential', hooks }]);
      // Over a Unix socket their host takes nothing.
      if (transport !== 'unix') expect(plugins.theirs).toMatchObject([{ ...written, tags: ['plugin'] }]);
    });

    test.each(calls)('answers both hosts the same on $hook', async (call) => {
      const ours = await hosts.ours.callPlugin(transport, call, context);
      const theirs = await hosts.theirs.callPlugin(transport, call, context);
      expect(theirs.result).toMatchObject(noOpResult);
      expect(normalised(ours)).toEqual(normalised(theirs));
    });

    test.each(calls)('lets a chain on $hook go on in both hosts', async (call) => {
      for (const side of sides) {
        const { result, context: left } = await hosts[side].callChain(transport, call, context);
        expect(result, side).toMatchObject(noOpResult);
        expect(left, side).toEqual({ global_state: {} });
      }
    });

    // Over stdio each host has started a server of its own.
    if (transport === 'stdio') return;
    test('answers no more when its server is gone', async () => {
      await server.kill();
      const { result, error } = await hosts.ours.callPlugin(transport, calls[0]!, context);
      expect(result).toBe(undefined);
      expect(error).toBeDefined();
    });
  });
});
