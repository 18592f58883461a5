import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Fixture } from './fixture.js';
import { startGatechartHost } from './gatechart-host.js';
import type { Host, Json, Outcome } from './host.js';
import { startPythonHost } from './python-host.js';
import type { Server, Side } from './transports.js';

const python = inject('python');
const modes = ['sequential', 'transform', 'audit', 'concurrent'];
const olderModes = ['enforce', 'enforce_ignore_error', 'permissive'];
const sides = ['ours', 'theirs'] as const;
const shared = { state: {}, metadata: {}, global_context: { request_id: 'request-1', state: {}, metadata: {} } };

describe.runIf(python !== null)('modes across both implementations', () => {
  let fixture: Fixture;
  let hosts: Readonly<Record<Side, Host>>;
  let servers: Readonly<Record<Side, Server>>;
  beforeAll(async () => {
    fixture = new Fixture(python ?? '');
    hosts = { ours: startGatechartHost(), theirs: startPythonHost(fixture.python) };
    const [ours, theirs] = await Promise.all([
      fixture.serve(
        'ours',
        'http',
        [...modes, ...olderModes].map((mode) => ({ name: mode, mode })),
      ),
      fixture.serve(
        'theirs',
        'http',
        modes.map((mode) => ({ name: mode, mode, priority: 7, tags: ['a'] })),
      ),
    ]);
    servers = { ours, theirs };
  });
  afterAll(async () => {
    await Promise.all(sides.map((side) => hosts[side].close()));
    await fixture.close();
  });

  const open = (host: Side, server: Side, mode: string, manager: string) =>
    hosts[host].open(manager, fixture.hostConfig(servers[server], { name: mode }), 20);

  test.each(modes)('our host takes mode %s, priority and tags from their server', async (mode) => {
    const plugins = await open('ours', 'theirs', mode, `merged ${mode}`);
    expect(plugins).toMatchObject([{ name: mode, mode, priority: 7, tags: ['a'], kind: 'external' }]);
  });

  test.each(['stdio', 'unix', 'grpc'] as const)(
    'our host takes what it does not say itself over %s',
    async (transport) => {
      const remote = { mode: 'transform', priority: 3, tags: ['b'], conditions: [{ tools: ['allow'] }], version: '9' };
      const ofErrors = { on_error: 'ignore', capabilities: ['read_headers', 'read_agent'], max_content_size: 5000 };
      const server = await fixture.serve('theirs', transport, [{ name: 'Guard', ...remote, ...ofErrors }]);
      const config = fixture.hostConfig(server, { hooks: undefined, priority: 5, max_content_size: 6000 });
      const plugins = await hosts.ours.open(`merged over ${transport}`, config, 20);
      const expected = {
        ...remote,
        priority: 5,
        conditions: [expect.objectContaining({ tools: ['allow'] })],
        on_error: 'ignore',
        capabilities: expect.toSatisfy((words) => isDeepStrictEqual(new Set(words), new Set(ofErrors.capabilities))),
        max_content_size: 6000,
      };
      expect(plugins).toMatchObject([{ ...expected, hooks: expect.arrayContaining(['tool_pre_invoke']) }]);
    },
  );

  test.each(modes)('their host takes mode %s from our server', async (mode) => {
    const plugins = await open('theirs', 'ours', mode, `merged ${mode}`);
    expect(plugins).toMatchObject([{ name: mode, mode, priority: 100, kind: 'external' }]);
  });

  test.each([
    ['enforce', { mode: 'sequential', on_error: 'fail' }],
    ['enforce_ignore_error', { mode: 'sequential', on_error: 'ignore' }],
    ['permissive', { mode: 'transform', on_error: 'fail' }],
  ])('their host reads mode %s of our server as %o', async (mode, expected) => {
    const plugins = await open('theirs', 'ours', mode, `older ${mode}`);
    expect(plugins).toMatchObject([{ name: mode, ...expected }]);
  });

  test.each(olderModes)('our host takes mode %s from our server', async (mode) => {
    const plugins = await open('ours', 'ours', mode, `older ${mode}`);
    expect(plugins).toMatchObject([{ name: mode, mode }]);
  });

  test.each(modes)('a chain in mode %s ends the same', async (mode) => {
    const got: Record<string, Json> = {};
    for (const host of sides) {
      for (const server of sides) {
        const manager = `${host} to ${server} ${mode}`;
        await open(host, server, mode, manager);
        const outcomes: Json = {};
        for (const name of ['allow', 'annotate', 'modify-args', 'block-plain', 'raise-plain']) {
          const call = { hook: 'tool_pre_invoke', payload: { name, args: { a: 1 } } };
          outcomes[name] = summary(await hosts[host].callChain(manager, call, shared));
        }
        got[manager] = outcomes;
      }
    }
    const { [`theirs to theirs ${mode}`]: reference, ...others } = got;
    for (const [pair, outcomes] of Object.entries(others)) {
      // In mode audit ours leaves errors to the log, as its other modes that cannot block do.
      // A server of theirs always says that errors are raised; ours says what is written, and leaves it to the host.
      const isLogged = mode === 'audit' && pair.startsWith('ours to ours');
      expect(outcomes, pair).toEqual({ ...reference, 'raise-plain': isLogged ? passed : { error: true } });
    }
    expect(reference?.['raise-plain']).toEqual({ error: true });
  });

  test.each(modes.flatMap((mode) => ['fail', 'ignore', 'disable'].map((onError) => [mode, onError] as const)))(
    'errors of a plugin in mode %s end the same where the host says on_error: %s',
    async (mode, onError) => {
      const got: Record<string, Json> = {};
      for (const host of sides) {
        for (const server of sides) {
          const manager = `${host} to ${server} ${mode} ${onError}`;
          const config = fixture.hostConfig(servers[server], { name: 'sequential', mode, on_error: onError });
          await hosts[host].open(manager, config, 20);
          const outcomes: Json = {};
          for (const name of ['raise-plain', 'block-plain']) {
            const call = { hook: 'tool_pre_invoke', payload: { name, args: { a: 1 } } };
            outcomes[name] = summary(await hosts[host].callChain(manager, call, shared));
          }
          got[manager] = outcomes;
        }
      }
      const { [`theirs to theirs ${mode} ${onError}`]: reference, ...others } = got;
      for (const [pair, outcomes] of Object.entries(others)) expect(outcomes, pair).toEqual(reference);
      expect(reference?.['raise-plain']).toEqual(onError === 'fail' ? { error: true } : passed);
      const isBlocked = onError !== 'disable' && ['sequential', 'concurrent'].includes(mode);
      expect(reference?.['block-plain']).toMatchObject({ continue_processing: !isBlocked });
    },
  );

  test('a block in mode enforce answers what the blocker was given at our host only', async () => {
    const call = { hook: 'tool_pre_invoke', payload: { name: 'block-plain', args: { a: 1 } } };
    for (const host of sides) {
      const manager = `${host} blocked`;
      await hosts[host].open(manager, fixture.hostConfig(servers.ours, { name: 'enforce', mode: 'enforce' }), 20);
      const { result } = await hosts[host].callChain(manager, call, shared);
      const payload = host === 'ours' ? expect.objectContaining(call.payload) : null;
      expect(result, manager).toMatchObject({ continue_processing: false, modified_payload: payload });
    }
  });

  test('what a plugin notes in one hook is there in the next of the same request', async () => {
    for (const host of sides) {
      for (const server of sides) {
        const manager = `${host} to ${server} notes`;
        await open(host, server, 'sequential', manager);
        const pre = { hook: 'tool_pre_invoke', payload: { name: 'remember', args: { a: [1] } } };
        const post = { hook: 'tool_post_invoke', payload: { name: 'recall', result: 1 } };
        const first = await hosts[host].callChain(manager, pre, shared, manager);
        const global = { ...shared.global_context, state: first.context['global_state'] };
        const second = await hosts[host].callChain(manager, post, { ...shared, global_context: global }, manager);
        expect(second.result, manager).toMatchObject({
          metadata: {
            state: { count: 1, kept: { a: [1] } },
            metadata: { note: 'local' },
            global_state: { trace: { by: 'guard', args: { a: [1] } } },
          },
        });
      }
    }
  });
});

const passed = { continue_processing: true, modified_payload: null, metadata: {}, violation: null, global_state: {} };

/** What callers of a chain look at. */
function summary({ result, error, context }: Outcome): Json {
  if (error !== undefined) return { error: true };
  return {
    continue_processing: result?.['continue_processing'],
    modified_payload: result?.['modified_payload'],
    metadata: result?.['metadata'],
    violation: result?.['violation'],
    global_state: context['global_state'],
  };
}
