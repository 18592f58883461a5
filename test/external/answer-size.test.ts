import { describe, expect, it } from 'vitest';
import { definePlugin, isGatechartError } from '../../src/index.js';
import { type ServedOver, servedOver, serveHost } from '../fixtures/hosting/served-plugins.js';
import { callTool, start } from '../fixtures/manager/managers.js';

/** Answers as many bytes as its arguments say, and more. */
const talkative = definePlugin({
  hooks: {
    tool_pre_invoke: ({ args = {} }) => ({ metadata: { text: 'ä'.repeat(Number(args['bytes']) / 2) } }),
  },
});
const named = { name: 'Guard', hooks: ['tool_pre_invoke'] };

/** A host of the plugin, which its server and its host say this of. */
async function connect(transport: ServedOver, served: object, local: object) {
  const entry = { ...named, kind: 'talkative', ...served };
  const reached = await serveHost(await start({ kinds: { talkative }, config: { plugins: [entry] } }), transport);
  return start({ config: { plugins: [{ ...reached, ...local }] } });
}

const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe.each(servedOver)('max_content_size of a plugin over %s', (transport) => {
  it.each([
    ['here', {}, { max_content_size: 2000 }],
    ['on its server', { max_content_size: 2000 }, {}],
    ['on both, where this side counts', { max_content_size: 1 }, { max_content_size: 2000 }],
  ])('is a limit of each answer alone, said %s', async (_where, served, local) => {
    const manager = await connect(transport, served, local);
    expect((await callTool(manager, 't', { bytes: 1000 })).metadata['text']).toHaveLength(500);
    const error = await errorOf(callTool(manager, 't', { bytes: 2000 }));
    expect(isGatechartError(error) && error).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      message: expect.stringMatching(
        /^Plugin Guard: its server gave an answer of 2\d\d\d bytes to tool_pre_invoke; its `max_content_size` is 2000$/,
      ),
    });
    expect((await callTool(manager, 't', { bytes: 1000 })).continueProcessing).toBe(true);
    expect(manager.connections.map(({ state }) => state)).toEqual([expect.stringMatching(/^ready/)]);
  });

  it('lets nothing pass that may have been a block, and is what it was where nobody says it', async () => {
    const ignoring = await connect(transport, {}, { max_content_size: 2000, mode: 'enforce_ignore_error' });
    expect(await errorOf(callTool(ignoring, 't', { bytes: 2000 }))).toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    const permissive = await connect(transport, {}, { max_content_size: 2000, mode: 'permissive' });
    expect((await callTool(permissive, 't', { bytes: 2000 })).continueProcessing).toBe(true);
    const unlimited = await connect(transport, {}, {});
    expect((await callTool(unlimited, 't', { bytes: 200_000 })).metadata['text']).toHaveLength(100_000);
  });
});
