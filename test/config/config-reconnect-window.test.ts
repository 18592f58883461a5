import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';

const sections = {
  mcp: { proto: 'STREAMABLEHTTP', url: 'http://127.0.0.1/mcp' },
  grpc: { target: '127.0.0.1:1' },
  unix_socket: { path: '/tmp/x.sock' },
};

function windowOf(section: keyof typeof sections, reconnect_window: unknown): number | undefined {
  const plugin = { name: 'P', kind: 'external', [section]: { ...sections[section], reconnect_window } };
  const { config } = loadConfig({ plugins: [plugin] }, { env: {} });
  const [loaded] = config.plugins;
  return (loaded?.mcp ?? loaded?.grpc ?? loaded?.unixSocket)?.reconnectWindowMs;
}

it.each(['mcp', 'grpc', 'unix_socket'] as const)('%s may say how long attempts go on', (section) => {
  expect(windowOf(section, 2.5)).toBe(2_500);
  expect(windowOf(section, '0')).toBe(0);
  for (const unset of ['', null, undefined]) expect(windowOf(section, unset)).toBe(undefined);
  expect(() => windowOf(section, -1)).toThrow(`${section}.reconnect_window: expected seconds, 0 or more`);
});
