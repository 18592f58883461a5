import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-issue.js';
import { loadConfig } from '../../src/config/load-config.js';
import { describePluginConfig } from '../../src/config/sections/plugin-entry.js';
import { sharedKeys, sharedPluginFields, sharedProperties } from '../../src/config/sections/shared-plugin-fields.js';
import { pluginModeNames } from '../../src/config/sections/plugin-modes.js';
import { mergePluginConfig } from '../../src/config/remote-plugin-config.js';

const mcp = { proto: 'STREAMABLEHTTP', url: 'http://h/mcp' };

function plugin(written: object) {
  const entry = loadConfig({ plugins: [written] }, { env: {} }).config.plugins[0];
  if (entry === undefined) throw new Error('no plugin was loaded');
  return entry;
}

describe('an external plugin takes the configuration its server has', () => {
  const local = plugin({ name: 'Echo', kind: 'external', mode: 'concurrent', tags: [], mcp });
  const remote = {
    name: 'Other',
    kind: 'acme.Echo',
    description: 'Echoes',
    author: null,
    hooks: ['tool_pre_invoke'],
    tags: ['remote'],
    mode: 'enforce',
    priority: 7,
    conditions: [{ tools: ['t'], prompts: null, of_a_later_version: null, content_types: ['Text/Plain; x=y'] }],
    config: { words: ['x'] },
    mcp: { proto: 'STDIO', cmd: ['rm'] },
    unix_socket: { path: '/tmp/x.sock' },
    on_error: 'ignore',
    capabilities: ['read_headers'],
    an_unknown_key: 1,
  };

  it('where it says nothing itself', () => {
    const merged = mergePluginConfig(local, remote);
    expect(merged).toMatchObject({
      description: 'Echoes',
      hooks: ['tool_pre_invoke'],
      priority: 7,
      conditions: [{ tools: ['t'], contentTypes: ['text/plain'] }],
      config: { words: ['x'] },
      onError: 'ignore',
      capabilities: ['read_headers'],
    });
    expect('author' in merged).toBe(false);
  });

  it('and keeps what it says, and how it is reached', () => {
    const merged = mergePluginConfig(local, remote);
    expect(merged).toMatchObject({ name: 'Echo', kind: 'external', mode: 'concurrent', tags: [], mcp: local.mcp });
    expect('unixSocket' in merged).toBe(false);
    expect(merged.written).toEqual({
      description: 'Echoes',
      hooks: ['tool_pre_invoke'],
      priority: 7,
      conditions: [{ tools: ['t'], content_types: ['Text/Plain; x=y'] }],
      config: { words: ['x'] },
      on_error: 'ignore',
      capabilities: ['read_headers'],
      name: 'Echo',
      kind: 'external',
      mode: 'concurrent',
      tags: [],
      mcp,
    });
  });

  it('and does not count a key that it leaves empty', () => {
    const empty = { hooks: null, tags: null, conditions: null, description: null, config: null };
    const merged = mergePluginConfig(plugin({ name: 'Echo', kind: 'external', mcp, ...empty }), remote);
    const bare = mergePluginConfig(plugin({ name: 'Echo', kind: 'external', mcp }), remote);
    expect(merged).toEqual(bare);
    expect(merged.hooks).toEqual(['tool_pre_invoke']);
    expect(merged.conditions).toHaveLength(1);
  });

  it.each(['permissive', 'enforce_ignore_error', 'audit', 'fire_and_forget'])(
    'and %s says what comes of errors, whatever a server writes that writes all its defaults',
    (mode) => {
      const merged = mergePluginConfig(plugin({ name: 'Echo', kind: 'external', mode, mcp }), { on_error: 'fail' });
      expect('onError' in merged).toBe(false);
      expect(merged.written).toEqual({ name: 'Echo', kind: 'external', mode, mcp });
      const both = mergePluginConfig(plugin({ name: 'Echo', kind: 'external', mcp }), { mode, on_error: 'fail' });
      expect(both).toMatchObject({ mode, onError: 'fail' });
    },
  );

  it.each(['enforce', 'sequential', 'transform', 'concurrent'])('and %s leaves it to the server', (mode) => {
    const merged = mergePluginConfig(plugin({ name: 'Echo', kind: 'external', mode, mcp }), { on_error: 'ignore' });
    expect(merged).toMatchObject({ mode, onError: 'ignore' });
  });

  it('key by key: each is taken where nothing is written here, and left where something is', () => {
    const theirs: Record<keyof typeof sharedPluginFields, unknown> = {
      description: 'd',
      author: 'a',
      namespace: 'n',
      version: '1',
      hooks: ['h'],
      tags: ['t'],
      mode: 'audit',
      priority: 7,
      conditions: [{ tools: ['x'] }],
      applied_to: { tools: [] },
      config: { a: 1 },
      on_error: 'disable',
      capabilities: ['read_headers'],
      max_content_size: 77,
    };
    const ours: typeof theirs = {
      description: 'D',
      author: 'A',
      namespace: 'N',
      version: '2',
      hooks: ['H'],
      tags: ['T'],
      mode: 'concurrent',
      priority: 8,
      conditions: [{ tools: ['y'] }],
      applied_to: { prompts: [] },
      config: {},
      on_error: 'ignore',
      capabilities: ['read_agent'],
      max_content_size: 88,
    };
    const bare = { name: 'Echo', kind: 'external', mcp };
    const ofServer = plugin({ ...theirs, name: 'Echo', kind: 'k' });
    expect(Object.values(sharedKeys).toSorted()).toEqual(Object.keys(sharedPluginFields).toSorted());
    for (const property of sharedProperties) {
      const key = sharedKeys[property];
      const taken = mergePluginConfig(plugin(bare), { [key]: theirs[key] });
      expect(taken).toEqual({
        ...plugin(bare),
        [property]: ofServer[property],
        written: { ...bare, [key]: theirs[key] },
      });
      const local = plugin({ ...bare, [key]: ours[key] });
      expect(local[property]).not.toEqual(ofServer[property]);
      expect(mergePluginConfig(local, { [key]: theirs[key] })).toEqual(local);
    }
  });

  it('is unchanged by a server that says nothing', () => {
    expect(mergePluginConfig(local, {})).toEqual(local);
  });

  it('takes what our own server describes', () => {
    const served = plugin({
      name: 'Echo',
      kind: 'k',
      hooks: ['a'],
      mode: 'audit',
      priority: 3,
      conditions: [{ tools: ['t'] }],
      applied_to: { tools: [{ tool_name: 't' }] },
    });
    const bare = plugin({ name: 'Echo', kind: 'external', mcp });
    expect(mergePluginConfig(bare, describePluginConfig(served))).toMatchObject({
      hooks: ['a'],
      mode: 'audit',
      priority: 3,
      conditions: [{ tools: ['t'] }],
      appliedTo: { tools: [{ tool_name: 't' }] },
      kind: 'external',
    });
  });

  it('is refused when a value that matters cannot be understood', () => {
    const merge = () =>
      mergePluginConfig(plugin({ name: 'Echo', kind: 'external', mcp }), {
        mode: 'strict',
        hooks: 'all',
        conditions: [{ tool: ['x'] }],
        on_error: 'whatever',
        capabilities: 'read_headers',
      });
    expect(merge).toThrow(ConfigError);
    expect(merge).toThrow(
      [
        'the configuration that the server of plugin Echo sent has 5 errors',
        'hooks: expected a list of strings, found the string "all"',
        `mode: expected one of ${pluginModeNames.join(', ')}, found the string "strict"`,
        'conditions[0].tool: unknown key; did you mean `tools`?',
        'on_error: expected one of fail, ignore, disable, found the string "whatever"',
        'capabilities: expected a list of strings, found the string "read_headers"',
      ].join('\n'),
    );
  });
});

describe('a plugin is described to hosts', () => {
  it('with every key, and null where there is none', () => {
    expect(describePluginConfig(plugin({ name: 'a', kind: 'k' }))).toEqual({
      name: 'a',
      description: null,
      author: null,
      kind: 'k',
      namespace: null,
      version: null,
      hooks: [],
      tags: [],
      mode: 'enforce',
      priority: 100,
      conditions: [],
      applied_to: null,
      config: null,
      mcp: null,
      grpc: null,
      unix_socket: null,
    });
  });

  it('with its mode as written, and with other generations’ keys only where they were written', () => {
    const described = describePluginConfig(
      plugin({
        name: 'a',
        kind: 'k',
        mode: 'enforce_ignore_error',
        on_error: 'ignore',
        capabilities: ['read_headers', 'append_labels'],
      }),
    );
    expect(described).toMatchObject({
      mode: 'enforce_ignore_error',
      on_error: 'ignore',
      capabilities: ['append_labels', 'read_headers'],
    });
    expect('max_content_size' in described).toBe(false);
  });

  it('without those keys that are written and say nothing', () => {
    const empty = { on_error: null, capabilities: null, max_content_size: null };
    const described = describePluginConfig(plugin({ name: 'a', kind: 'k', ...empty }));
    expect(Object.keys(described).filter((key) => key in empty)).toEqual([]);
  });

  it('with transports in seconds and without secrets', () => {
    const stdio = plugin({
      name: 'a',
      kind: 'external',
      mcp: { proto: 'STDIO', cmd: ['x'], env: { TOKEN: 't' }, reconnect_delay: 0.25 },
    });
    expect(describePluginConfig(stdio)['mcp']).toEqual({
      proto: 'STDIO',
      url: null,
      script: null,
      cmd: ['x'],
      env: null,
      cwd: null,
      uds: null,
      tls: null,
      reconnect_attempts: 3,
      reconnect_delay: 0.25,
    });
    const http = plugin({
      name: 'a',
      kind: 'external',
      mcp: { ...mcp, tls: { verify: false, keyfile_password: 'pw' } },
    });
    expect(describePluginConfig(http)['mcp']).toMatchObject({
      tls: {
        certfile: null,
        keyfile: null,
        ca_bundle: null,
        keyfile_password: null,
        verify: false,
        check_hostname: true,
      },
    });
    const socket = plugin({ name: 'a', kind: 'external', unix_socket: { path: '/tmp/x.sock' } });
    expect(describePluginConfig(socket)['unix_socket']).toEqual({
      path: '/tmp/x.sock',
      reconnect_attempts: 3,
      reconnect_delay: 0.1,
      timeout: 30,
    });
  });

  it('with conditions as ContextForge writes them', () => {
    const described = describePluginConfig(
      plugin({ name: 'a', kind: 'k', conditions: [{ tools: ['t'], prompts: [], user_patterns: [] }] }),
    );
    expect(described['conditions']).toEqual([
      {
        server_ids: null,
        tenant_ids: null,
        tools: ['t'],
        prompts: null,
        resources: null,
        agents: null,
        user_patterns: [],
        content_types: null,
      },
    ]);
  });
});
