import { describe, expect, it } from 'vitest';
import { PluginError } from '../../src/index.js';
import { onCall, serve } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start, stdio } from '../fixtures/manager/managers.js';
import { rejection, until } from '../fixtures/waiting.js';

/** What the server heard of the requests that slept. */
async function serverSays(manager: Parameters<typeof callTool>[0], list: string, label: string): Promise<boolean> {
  // The question has the same deadline as the call it is about; one that was too slow is asked again.
  const answer = await callTool(manager, 'cancelled').catch((error: unknown) => {
    if (error instanceof PluginError && error.code === 'PLUGIN_TIMEOUT') return undefined;
    throw error;
  });
  const labels: unknown = answer?.metadata[list];
  return Array.isArray(labels) && labels.includes(label);
}

it('a server that hangs on a call sent once more hears of the deadline and not of what went wrong before', async () => {
  let executed = 0;
  const server = await serve(
    onCall(({ message }, response) => {
      if (message?.params?.['name'] !== 'invoke_hook') return false;
      if (executed++ === 0) response.destroy();
      return true;
    }),
  );
  const manager = await start({ config: external(http(server.url), { plugin_timeout: 2 }) });
  await expect(callTool(manager, 'echo')).rejects.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
  const cancellation = () => server.seen.find(({ message }) => message?.method === 'notifications/cancelled');
  await until('the server hears of it', () => cancellation() !== undefined);
  expect(executed).toBe(2);
  expect(cancellation()?.message?.params?.['reason']).toBe('deadline passed');
});

describe.each(['stdio', 'http'])('a server that does not answer (%s)', (transport) => {
  const mcp = async () => (transport === 'stdio' ? stdio() : http((await serve()).url));

  it('frees the caller at the deadline, hears that nobody waits, and serves on', async () => {
    const manager = await start({ config: external(await mcp(), { plugin_timeout: 2 }) });
    expect(await rejection(callTool(manager, 'sleep', { ms: 60_000, label: transport }))).toMatchObject({
      code: 'PLUGIN_TIMEOUT',
      message: expect.stringMatching(/^Plugin Guard exceeded 2s timeout/),
      failure: { pluginName: 'Guard' },
    });
    await until('notifications/cancelled arrives', () => serverSays(manager, 'cancelled', transport));
    expect(manager.connections[0]).toMatchObject({ inFlight: 0, waiting: 0, state: expect.stringMatching(/^ready/) });
  });

  it('is told when the caller gives up', async () => {
    const manager = await start({ config: external(await mcp()) });
    const giveUp = new AbortController();
    const label = `${transport} caller`;
    const call = rejection(callTool(manager, 'sleep', { ms: 60_000, label }, { signal: giveUp.signal }));
    await until('the call is there', () => serverSays(manager, 'asleep', label));
    giveUp.abort(new Error('enough'));
    expect(await call).toMatchObject({ code: 'INVOCATION_CANCELLED', cause: { message: 'enough' } });
    await until('notifications/cancelled arrives', () => serverSays(manager, 'cancelled', label));
  });
});
