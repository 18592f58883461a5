import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Message, messageViews } from '../../src/index.js';
import { HookRegistry } from '../../src/hooks/hook-registry.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { Fixture } from './fixture.js';
import { startGatechartHost } from './gatechart-host.js';
import { message } from './message-values.js';
import type { Call, Host, Json, Outcome } from './host.js';
import { startPythonHost } from './python-host.js';
import { pythonPath } from './python-path.js';
import type { Server, Side } from './transports.js';

const python = inject('python');
const registry = new HookRegistry();
const codec = hookCodec(registry.require('evaluate')).payload;

/** What is said, null and what is absent being the same. */
function said(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(said);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(fields.map(([key, inner]) => [key, said(inner)]));
}

/** The models of `cpex`, in a process of their own. */
function startModels(interpreter: string) {
  const script = fileURLToPath(new URL('python/message_models.py', import.meta.url));
  const child = spawn(interpreter, [script], {
    env: { PATH: process.env['PATH'], PYTHONPATH: pythonPath },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async read(model: string, value: unknown): Promise<Json> {
      child.stdin.write(`${JSON.stringify({ model, value })}\n`);
      const { value: line } = await lines.next();
      if (line === undefined) throw new Error('the models of cpex have ended');
      return JSON.parse(line) as Json;
    },
    async close(): Promise<void> {
      const gone = once(child, 'close');
      child.stdin.end();
      await gone;
    },
  };
}

describe.runIf(python !== null)('messages', () => {
  let models: ReturnType<typeof startModels>;
  beforeAll(() => {
    models = startModels(python ?? '');
  });
  afterAll(() => models.close());

  it('are read and refused as the models of cpex do, come back as they write them, and have the same views', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(message, async (written) => {
        const value = { message: written, hook: 'llm_input' };
        const theirs = await models.read('message', value);
        const ours = codec.decode(value, 'payload');
        expect(ours.ok).toBe(theirs['refused'] === undefined);
        if (!ours.ok) return;
        taken++;
        expect(said(codec.encodeAnswer(ours.value))).toEqual(said(theirs['value']));
        expect(codec.decode(theirs['value'], 'payload')).toMatchObject({ ok: true });
        const { message: read } = ours.value as { message: Message };
        const views = messageViews(read).map(({ kind, role, name, uri, action, args, content, mimeType, isPre }) => ({
          kind,
          role,
          name,
          uri,
          action,
          args,
          content: asJson(content),
          mime_type: mimeType,
          is_pre: isPre,
        }));
        const seen = (theirs['views'] as Json[]).map((view) => ({ ...view, content: asJson(view['content']) }));
        expect(said(views)).toEqual(said(seen));
      }),
      { numRuns: 400 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  it.each([
    ['identity', 'identity_resolve', {}],
    ['identity', 'identity_resolve', { rejected: true, reject_status: 403, reject_reason: 'expired' }],
    ['identity', 'identity_resolve', { subject: { id: 'a', type: 'agent', roles: ['r'], claims: { aKey: 'v' } } }],
    ['delegation', 'token_delegate', {}],
    [
      'delegation',
      'token_delegate',
      {
        delegated_token: 't',
        delegation_update: { chain: [{ subject_id: 'a', subject_type: 'user', scopes_granted: ['s'] }], depth: 1 },
        forwarded_headers: { 'X-A': 'b' },
        cache_ttl: 5,
      },
    ],
  ])('of %s are read as cpex writes them: %s %j', async (model, hook, value) => {
    const { result } = hookCodec(registry.require(hook));
    const theirs = await models.read(model, value);
    const ours = result.decode(theirs['value'], '');
    expect(ours.ok).toBe(true);
    expect(said(ours.ok && result.encodeAnswer(ours.value))).toEqual(said(theirs['value']));
    const again = await models.read(model, result.encodeAnswer(ours.ok && ours.value));
    expect(again['value']).toEqual(theirs['value']);
  });
});

/** Their JSON has blanks and escapes that ours has not. */
function asJson(content: unknown): unknown {
  try {
    return typeof content === 'string' ? JSON.parse(content) : content;
  } catch {
    return content;
  }
}

const pairs = [
  ['theirs', 'theirs'],
  ['ours', 'ours'],
  ['ours', 'theirs'],
  ['theirs', 'ours'],
] as const;
const context = { state: {}, metadata: {}, global_context: { request_id: '1', state: {}, metadata: {} } };
const call = (name: string) => ({
  content_type: 'tool_call',
  content: { tool_call_id: '1', name, arguments: { aKey: 1 } },
});
const messageCall = (hook: string, ...content: Json[]): Call => ({
  hook,
  payload: { message: { role: 'assistant', content }, hook: hook.replace('cmf.', '') },
});

/** What a hook decided; how results differ otherwise is told elsewhere in the suite. */
function told({ result, error }: Outcome): unknown {
  const { continue_processing, modified_payload, violation } = result ?? {};
  return said({ continue_processing, modified_payload, violation, error });
}
const resource = { resource_request_id: '1', uri: 'file:///r', resource_type: 'file', content: 'words', size_bytes: 5 };

describe.runIf(python !== null)('our host and theirs get the same from our server and theirs', () => {
  let fixture: Fixture;
  let hosts: Readonly<Record<Side, Host>>;
  beforeAll(() => {
    fixture = new Fixture(python ?? '');
    hosts = { ours: startGatechartHost(), theirs: startPythonHost(fixture.python) };
  });
  afterAll(async () => {
    await Promise.all(Object.values(hosts).map((host) => host.close()));
    await fixture.close();
  });

  const hooks = ['evaluate', 'cmf.llm_input', 'cmf.tool_pre_invoke', 'identity_resolve', 'token_delegate'];

  describe.each(['stdio', 'unix', 'grpc-uds'] as const)('over %s', (transport) => {
    const managerOf = (host: Side, server: Side): string => `${transport}: ${host} to ${server}`;
    beforeAll(async () => {
      const serve = (side: Side, kind: string): Promise<Server> => fixture.serve(side, transport, [{ kind, hooks }]);
      const servers = {
        ours: await serve('ours', './messages.js#Messages'),
        theirs: await serve('theirs', 'messages.Messages'),
      };
      for (const [host, server] of pairs) {
        // Their list of capabilities does not have ours.
        const right = host === 'ours' ? { capabilities: ['read_inbound_credentials'] } : {};
        await hosts[host].open(managerOf(host, server), fixture.hostConfig(servers[server], { hooks, ...right }), 30);
      }
    });

    const run = async (asked: Call, chosen: readonly (readonly [Side, Side])[] = pairs): Promise<Outcome[]> => {
      const outcomes: Outcome[] = [];
      for (const [host, server] of chosen)
        outcomes.push(await hosts[host].callPlugin(managerOf(host, server), asked, context));
      return outcomes;
    };

    it.each([
      messageCall('evaluate', call('search'), { content_type: 'text', text: 'näme' }),
      messageCall('cmf.llm_input', { content_type: 'resource', content: resource }),
      messageCall('cmf.tool_pre_invoke', {
        content_type: 'prompt_result',
        content: { prompt_request_id: '1', prompt_name: 'p', messages: [{ role: 'user', content: [call('inner')] }] },
      }),
      messageCall('cmf.tool_pre_invoke', call('forbidden')),
    ])('a message: $hook', async (asked) => {
      const [reference, ...others] = (await run(asked)).map(told);
      expect(reference).toHaveProperty('continue_processing');
      for (const other of others) expect(other).toEqual(reference);
    });

    const resolve = (token: string): Call => ({
      hook: 'identity_resolve',
      payload: { raw_token: token, headers: { Who: 'alice' }, client_port: 80 },
    });
    const delegate: Call = {
      hook: 'token_delegate',
      payload: { target_name: 'pay', bearer_token: 'tok', route_attenuation: { capabilities: ['a', 'b'] } },
    };

    const subject = { id: 'alice', type: 'user', roles: ['reader'], claims: { someKey: 'tok' } };
    const answers: readonly (readonly [Call, object])[] = [
      [resolve('tok'), { subject, raw_claims: { aKey: 80 } }],
      [resolve('expired'), { rejected: true, reject_status: 403, reject_reason: 'expired' }],
      [
        delegate,
        {
          delegated_token: 'tok for pay',
          forwarded_headers: { 'X-Scopes': 'a,b' },
          delegation_update: { origin_subject_id: 'alice', delegated: true, depth: 1 },
          cache_ttl: 60,
        },
      ],
    ];

    it.each(['ours', 'theirs'] as const)('tokens go from our host to a server as they are: %s', async (server) => {
      for (const [asked, answer] of answers) {
        const [outcome] = await run(asked, [['ours', server]]);
        // Their server cannot write the sets in a subject into protobuf.
        if (server === 'theirs' && transport !== 'stdio' && 'subject' in answer) {
          expect(outcome?.error?.['message']).toContain('unexpected type');
          continue;
        }
        expect(outcome?.error).toBeUndefined();
        expect(outcome?.result?.['modified_payload']).toMatchObject(answer);
      }
    });

    it('their host sends asterisks in place of a token, or nothing; our server does not take them for one', async () => {
      const [theirs, ours] = await run(resolve('tok'), [
        ['theirs', 'theirs'],
        ['theirs', 'ours'],
      ]);
      if (transport === 'stdio') {
        const taken = { subject: { claims: { someKey: '**********' } } };
        expect(theirs?.result?.['modified_payload']).toMatchObject(taken);
        expect(ours?.error?.['message']).toContain('expected a token, not the ten asterisks that mask one');
      } else {
        for (const outcome of [theirs, ours]) expect(outcome?.error?.['message']).toContain('unexpected type');
      }
    });
  });
});
