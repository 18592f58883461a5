import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createPluginServer, defineHook, definePlugin } from '../../src/index.js';
import { PayloadCodec } from '../../src/wire/payload-codec.js';
import { IgnoredFields } from '../../src/wire/ignored-fields.js';
import { onCall, serve } from '../fixtures/transports/http-links.js';
import { callTool, http, start } from '../fixtures/manager/managers.js';
import { cleanups } from '../fixtures/cleanups.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

const named = (logger: ReturnType<typeof recordingLogger>) =>
  logger.lines.flatMap(({ level, fields }) => (level === 'warn' && 'field' in fields ? [fields['field']] : []));

describe('what the other side sends and nobody here knows is taken, and named once', () => {
  it('in answers of a plugin server', async () => {
    const result = {
      continue_processing: true,
      modified_payload: { name: 't', args: {}, arguments: { a: 1 }, extra: null },
      violation: null,
      executions: [{ plugin_name: 'Guard' }],
      denial_metadata: { a: 1, words: 'x' },
      modified_extensions: { custom: { a: 1 } },
      metadata: {},
    };
    const document = {
      plugin_name: 'Guard',
      result,
      trace: 'x',
      context: { state: { any: 1 }, global_context: { request_id: '1', tenant: 't' }, notes: 'n' },
    };
    const server = await serve(
      onCall((seen, response) => {
        if (seen.message?.params?.['name'] !== 'invoke_hook') return false;
        const content = [{ type: 'text', text: JSON.stringify(document) }];
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: seen.message.id, result: { content } }));
        return true;
      }),
    );
    const logger = recordingLogger();
    const entry = { name: 'Guard', kind: 'external', hooks: ['tool_pre_invoke'], mcp: http(server.url) };
    const manager = await start({ config: { plugins: [entry] }, logger });
    for (let n = 0; n < 3; n++) {
      const outcome = await callTool(manager, 't');
      expect(outcome.modifiedPayload).toEqual({ name: 't', args: {} });
    }
    expect(named(logger)).toEqual([
      'trace',
      'context.notes',
      'context.global_context.tenant',
      'result.denial_metadata.words',
      'result.modified_payload.arguments',
    ]);
    expect(logger.lines.find(({ fields }) => fields['field'] === 'trace')).toMatchObject({
      message: 'the server of plugin Guard sends trace, which is not known here and is ignored',
      fields: { plugin: 'Guard' },
    });
  });

  it('in requests of a host', async () => {
    const quiet = definePlugin({ hooks: { tool_pre_invoke() {} } });
    const plugins = [{ name: 'Quiet', kind: 'quiet', hooks: ['tool_pre_invoke'] }];
    const logger = recordingLogger();
    const server = await createPluginServer({
      host: await start({ kinds: { quiet }, config: { plugins } }),
      transport: { kind: 'http', server: { host: '127.0.0.1', port: 0 } },
      logger,
    });
    cleanups.push(() => server.close());
    const client = new Client({ name: 'host', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(server.address)));
    cleanups.push(() => client.close());
    for (let n = 0; n < 3; n++) {
      const { content } = await client.callTool({
        name: 'invoke_hook',
        arguments: {
          hook_type: 'tool_pre_invoke',
          plugin_name: 'Quiet',
          payload: { name: 't', args: null, arguments: { a: 1 } },
          context: { state: {}, global_context: { request_id: '1', user_context: { user_id: 'u', shoe_size: 44 } } },
          extensions: { a: 1 },
        },
      });
      expect(JSON.stringify(content)).toContain('continue_processing');
    }
    expect(named(logger)).toEqual([
      'invoke_hook.extensions',
      'context.global_context.user_context.shoe_size',
      'tool_pre_invoke payload.arguments',
    ]);
  });

  it('at any depth of a hook of the host', () => {
    const order = defineHook({
      name: 'order',
      payload: z.object({ orderId: z.string(), shipTo: z.array(z.object({ zip: z.string() })) }),
    });
    const logger = recordingLogger();
    const codec = new PayloadCodec('order', order.payload);
    const wire = { order_id: '1', ship_to: [{ zip: '8' }, { zip: '8', street: 's' }], orderId: '2' };
    new IgnoredFields(logger, 'a host').note(codec.unknownFields(wire, 'payload'));
    expect(named(logger)).toEqual(['payload.orderId', 'payload.ship_to.1.street']);
    expect(codec.decode(wire, 'payload')).toMatchObject({ ok: true, value: { orderId: '1' } });
  });

  it('and no more than a few, however many are made up', () => {
    const logger = recordingLogger();
    const ignored = new IgnoredFields(logger, 'a host');
    for (let n = 0; n < 10_000; n++) ignored.note([`payload.x${n}${'y'.repeat(500)}`]);
    expect(logger.lines).toHaveLength(33);
    expect(logger.lines.at(-1)?.message).toBe(
      'a host sends more fields that are not known here; no more of them are named',
    );
    expect(Math.max(...logger.lines.map(({ message }) => message.length))).toBeLessThan(200);
  });
});
