import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { serve } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start, stdio } from '../fixtures/manager/managers.js';
import { rejection } from '../fixtures/waiting.js';

describe.each(['stdio', 'http'])('one long-lived signal for many invocations (%s)', (transport) => {
  it('has no listener left when they are over, however they ended', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const mcp = transport === 'stdio' ? stdio() : http((await serve()).url);
    const manager = await start({ config: external(mcp, { plugin_timeout: 5 }) });
    const { signal } = new AbortController();
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 5 }, () => callTool(manager, 'echo', {}, { signal })));
      await rejection(callTool(manager, 'refuse', { code: -32000, message: 'no' }, { signal }));
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning')).toEqual([]);
  });
});
