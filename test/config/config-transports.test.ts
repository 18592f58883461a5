import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { transportOf } from '../../src/config/sections/transports.js';

function entry(keys: object) {
  const plugins = [{ name: 'a', kind: 'external', ...keys }];
  const [plugin] = loadConfig({ plugins }, { env: {} }).config.plugins;
  if (plugin === undefined) throw new Error('the plugin is gone');
  return plugin;
}

describe('the transport of an entry', () => {
  it.each([
    ['mcp', 'mcp', { proto: 'STREAMABLEHTTP', url: 'http://localhost:1/mcp' }],
    ['grpc', 'grpc', { target: 'localhost:1' }],
    ['unix_socket', 'unixSocket', { path: '/tmp/a.sock' }],
  ] as const)('is the one of its section %s', (key, kind, settings) => {
    const plugin = entry({ [key]: settings });
    expect(transportOf(plugin)).toEqual({ kind, server: plugin[kind] });
  });

  it('is none where there is no such section', () => {
    expect(transportOf(entry({ kind: 'some-kind' }))).toBeUndefined();
  });
});
