import { describe, expect, it } from 'vitest';
import { serve } from '../fixtures/http-links.js';
import { callTool, external, http, start, stdio } from '../fixtures/managers.js';
import { until } from '../fixtures/processes.js';
import { rejection } from '../fixtures/transports.js';

/** What the server heard of the requests that slept. */
async function serverSays(manager: Parameters<typeof callTool>[0], list: string, label: string): Promise<boolean> {
  const { metadata } = await callTool(manager, 'cancelled');
  const labels: unknown = metadata[list];
  return Array.isArray(labels) && labels.includes(label);
}

describe.each(['stdio', 'http'])('a server that does not answer (%s)', (transport) => {
  const mcp = async () => (transport === 'stdio' ? stdio() : http((await serve()).url));

  it('frees the caller at the deadline, hears that nobody waits, and serves on', async () => {
    const manager = await start({ config: external(await mcp(), { plugin_timeout: 0.5 }) });
    expect(await rejection(callTool(manager, 'sleep', { ms: 60_000, label: transport }))).toMatchObject({
      code: 'PLUGIN_TIMEOUT',
      message: expect.stringMatching(/^Plugin Guard exceeded 0\.5s timeout/),
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
