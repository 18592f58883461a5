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

describe('files of TLS', () => {
  // Any file that is there will do: it is read at the start.
  const files = { ca_bundle: import.meta.filename };
  it.each([
    ['http://localhost:1/mcp', files, ['plugins[0].mcp.tls']],
    [
      'HTTP://localhost:1/mcp',
      { certfile: import.meta.filename, keyfile: import.meta.filename },
      ['plugins[0].mcp.tls'],
    ],
    ['https://localhost:1/mcp', files, []],
    // What a template leaves of variables that are not set, and what holds anyway.
    ['http://localhost:1/mcp', { ca_bundle: '', certfile: null, verify: true }, []],
  ])('are warned of where %s would be asked without them', (url, tls, warned) => {
    const plugins = [{ name: 'a', kind: 'external', mcp: { proto: 'STREAMABLEHTTP', url, tls } }];
    const { warnings } = loadConfig({ plugins }, { env: {} });
    expect(warnings.map(({ path }) => path)).toEqual(warned);
  });
});
