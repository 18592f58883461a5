import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { type transportFields, transportOf } from '../../src/config/sections/transports.js';

const sections: Readonly<Record<keyof typeof transportFields, object>> = {
  mcp: { proto: 'STREAMABLEHTTP', url: 'http://127.0.0.1/mcp' },
  grpc: { target: '127.0.0.1:1' },
  unix_socket: { path: '/tmp/x.sock' },
};

it.each(Object.entries(sections))('%s may say how long attempts go on', (key, section) => {
  const windowOf = (reconnect_window: unknown): number | undefined => {
    const plugin = { name: 'P', kind: 'external', [key]: { ...section, reconnect_window } };
    const [loaded] = loadConfig({ plugins: [plugin] }, { env: {} }).config.plugins;
    return loaded && transportOf(loaded)?.server.reconnectWindowMs;
  };
  expect(windowOf(2.5)).toBe(2_500);
  expect(windowOf('0')).toBe(0);
  for (const unset of ['', null, undefined]) expect(windowOf(unset)).toBe(undefined);
  expect(() => windowOf(-1)).toThrow(`${key}.reconnect_window: expected seconds, 0 or more`);
});
