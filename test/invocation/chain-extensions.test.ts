import { describe, expect, it } from 'vitest';
import type { PluginModeName } from '../../src/config/sections/plugin-modes.js';
import {
  definePlugin,
  type Extensions,
  type HandlerResult,
  Plugin,
  type PluginContext,
  type PluginKind,
} from '../../src/index.js';
import { createChainHarness, type HarnessPlugin } from '../../src/testing/index.js';

type Answer = (context: Pick<PluginContext, 'extensions'>) => HandlerResult<never>;

/** A plugin on the hook before a tool call. */
function plugin(
  name: string,
  answer: Answer,
  more: { readonly capabilities?: readonly string[]; readonly mode?: PluginModeName } = {},
): HarnessPlugin {
  const made = definePlugin({ hooks: { tool_pre_invoke: (_payload, context) => answer(context) } });
  return { name, plugin: made, hooks: ['tool_pre_invoke'], ...more };
}

const payload = { name: 'echo' };
const context = { requestId: '1' };

async function invoke(plugins: readonly HarnessPlugin[], extensions?: Extensions) {
  await using harness = await createChainHarness({ plugins });
  const outcome = await harness.manager.invokeHook('tool_pre_invoke', payload, context, { extensions });
  await outcome.background;
  const warnings = harness.logger.entries.flatMap(({ level, message }) => (level === 'warn' ? [message] : []));
  return Object.assign(outcome, { warnings });
}

const host: Extensions = {
  request: { traceId: 't', spanId: 's' },
  http: { headers: { Authorization: 'secret' } },
  security: { labels: ['internal'], subject: { id: 'ada', type: 'user', roles: ['editor'], teams: ['x'] } },
  custom: { host: 1 },
};

describe('the extensions of a request', () => {
  it('reach plugins as far as their capabilities go, frozen, in both forms of plugins', async () => {
    const seen: Record<string, Extensions | undefined> = {};
    class Watcher extends Plugin {
      toolPreInvoke(_payload: unknown, { extensions }: PluginContext): void {
        seen['class'] = extensions;
      }
    }
    const asClass: PluginKind = Watcher;
    const outcome = await invoke(
      [
        plugin('none', ({ extensions }) => void (seen['none'] = extensions)),
        plugin('labels', ({ extensions }) => void (seen['labels'] = extensions), { capabilities: ['append_labels'] }),
        { name: 'class', plugin: asClass, hooks: ['tool_pre_invoke'], capabilities: ['read_roles', 'read_headers'] },
      ],
      host,
    );
    expect(seen).toEqual({
      none: { request: host.request, custom: host.custom },
      labels: { request: host.request, security: { labels: ['internal'] }, custom: host.custom },
      class: {
        request: host.request,
        http: host.http,
        security: { subject: { id: 'ada', type: 'user', roles: ['editor'] } },
        custom: host.custom,
      },
    });
    expect(Object.isFrozen(seen['class']?.security?.subject?.roles)).toBe(true);
    expect(outcome.modifiedExtensions).toBeUndefined();
  });

  it('are undefined where the host gives none', async () => {
    const seen: unknown[] = [];
    const outcome = await invoke([plugin('a', ({ extensions }) => void seen.push(extensions))]);
    expect(seen).toEqual([undefined]);
    expect(outcome.modifiedExtensions).toBeUndefined();
  });

  it('are copied before the first plugin runs', async () => {
    const custom: Record<string, unknown> = { a: 1 };
    const seen: unknown[] = [];
    const writer = plugin('writer', () => void (custom['a'] = 2));
    await invoke([writer, plugin('reader', ({ extensions }) => void seen.push(extensions?.custom))], { custom });
    expect(seen).toEqual([{ a: 1 }]);
  });

  it.each<[string, unknown, string]>([
    [
      'a field in snake case',
      { request: { trace_id: 't' } },
      'The options of tool_pre_invoke are not valid: extensions.request: trace_id: unknown field; did you mean `traceId`?',
    ],
    [
      'labels that are no list',
      { security: { labels: 'PII' } },
      'The options of tool_pre_invoke are not valid: extensions.security.labels: Invalid input: expected array, received string.',
    ],
    [
      'no object',
      'trace',
      'The options of tool_pre_invoke are not valid: extensions: found a string, expected a plain object.',
    ],
  ])('are refused with the place: %s', async (_, extensions, message) => {
    await using harness = await createChainHarness({ plugins: [plugin('a', () => undefined)] });
    const options = { extensions: extensions as Extensions };
    const refused = { code: 'CONTEXT_INVALID', message };
    await expect(harness.manager.invokeHook('tool_pre_invoke', payload, context, options)).rejects.toMatchObject(
      refused,
    );
    await expect(
      harness.manager.invokeHookForPlugin('a', 'tool_pre_invoke', payload, { globalContext: context }, options),
    ).rejects.toMatchObject(refused);
  });

  it('reach a plugin that is called by name, and come back from it', async () => {
    const labels = plugin('a', ({ extensions }) => ({ modifiedExtensions: { custom: { saw: extensions?.request } } }));
    await using harness = await createChainHarness({ plugins: [labels] });
    const call = { globalContext: context };
    const outcome = await harness.manager.invokeHookForPlugin('a', 'tool_pre_invoke', payload, call, {
      extensions: host,
    });
    expect(outcome.modifiedExtensions).toEqual({ ...host, custom: { saw: host.request } });
  });
});

describe('what plugins write to the extensions', () => {
  const label = (name: string): Answer => {
    return ({ extensions }) => ({
      modifiedExtensions: { security: { labels: [...(extensions?.security?.labels ?? []), name] } },
    });
  };
  const capabilities = ['append_labels'];

  it('is seen by the next, and all of it by the caller, without what they were not shown being lost', async () => {
    const seen: unknown[] = [];
    const outcome = await invoke(
      [
        plugin('one', label('PII'), { capabilities }),
        plugin('two', label('HR'), { capabilities }),
        plugin('reader', ({ extensions }) => void seen.push(extensions?.security?.labels), { capabilities }),
      ],
      host,
    );
    expect(seen).toEqual([['internal', 'PII', 'HR']]);
    expect(outcome.modifiedExtensions).toEqual({
      ...host,
      security: { ...host.security, labels: ['internal', 'PII', 'HR'] },
    });
    expect(outcome.warnings).toEqual([]);
  });

  it('is dropped with a warning where it may not be written, and the rest is taken', async () => {
    const modifiedExtensions: Extensions = { request: { traceId: 'u' }, security: { labels: ['x'] }, custom: { a: 1 } };
    const outcome = await invoke([plugin('a', () => ({ modifiedExtensions }))], host);
    expect(outcome.modifiedExtensions).toEqual({ ...host, custom: { a: 1 } });
    expect(outcome.warnings).toEqual([
      'plugin a: not all that it wrote to the extensions is taken: request is not for plugins to change; security.labels needs the capability append_labels',
    ]);
  });

  it.each<[PluginModeName, boolean]>([
    ['enforce', true],
    ['enforce_ignore_error', true],
    ['permissive', true],
    ['sequential', true],
    ['transform', true],
    ['audit', false],
    ['concurrent', false],
    ['fire_and_forget', false],
  ])('in mode %s counts: %s', async (mode, counts) => {
    const outcome = await invoke([plugin('a', label('PII'), { mode, capabilities })], host);
    expect(outcome.modifiedExtensions?.security?.labels).toEqual(counts ? ['internal', 'PII'] : undefined);
    expect(outcome.warnings.length > 0).toBe(!counts);
  });

  it('stays where a plugin blocks, and of the one that blocks too', async () => {
    const stop: Answer = (context) => ({ ...label('HR')(context), continueProcessing: false });
    const outcome = await invoke(
      [plugin('one', label('PII'), { capabilities }), plugin('two', stop, { capabilities })],
      host,
    );
    expect(outcome.continueProcessing).toBe(false);
    expect(outcome.modifiedExtensions?.security?.labels).toEqual(['internal', 'PII', 'HR']);
  });

  it('stands in the records of the chain where it was taken, and only there', async () => {
    const { executions } = await invoke(
      [
        plugin('taken', label('PII'), { capabilities }),
        plugin('refused', label('HR')),
        plugin('same', ({ extensions }) => ({ modifiedExtensions: extensions })),
        plugin('audit', label('HR'), { capabilities, mode: 'audit' }),
      ],
      host,
    );
    const modified = executions.map(({ pluginName, extensionsModified, matched }) => [
      pluginName,
      extensionsModified,
      matched,
    ]);
    expect(modified).toEqual([
      ['taken', true, true],
      ['refused', false, false],
      ['same', false, false],
      ['audit', false, false],
    ]);
  });

  it('may be there without the host giving any', async () => {
    const outcome = await invoke([plugin('a', label('PII'), { capabilities })]);
    expect(outcome.modifiedExtensions).toEqual({ security: { labels: ['PII'] } });
  });

  it('is no change where it is what was there', async () => {
    const outcome = await invoke([plugin('a', ({ extensions }) => ({ modifiedExtensions: extensions }))], host);
    expect(outcome.modifiedExtensions).toBeUndefined();
    expect(outcome.warnings).toEqual([]);
  });

  it('is an error of the plugin where it does not fit', async () => {
    const modifiedExtensions = { security: { labels: 'PII' } } as unknown as Extensions;
    await expect(invoke([plugin('a', () => ({ modifiedExtensions }))], host)).rejects.toMatchObject({
      code: 'PLUGIN_RESULT_INVALID',
      message:
        'Plugin a returned something that is not a hook result: modifiedExtensions: security.labels: Invalid input: expected array, received string.',
    });
  });

  it('of a stop is left out where it does not fit, and the stop counts', async () => {
    const modifiedExtensions = { labels: ['PII'] } as unknown as Extensions;
    const outcome = await invoke([plugin('a', () => ({ continueProcessing: false, modifiedExtensions }))], host);
    expect(outcome.continueProcessing).toBe(false);
    expect(outcome.modifiedExtensions).toBeUndefined();
    expect(outcome.warnings.some((warning) => warning.includes('modifiedExtensions'))).toBe(true);
  });

  it('of a plugin that fails is not taken', async () => {
    const plugins = [
      plugin('bad', () => ({ ...label('PII')({ extensions: undefined }), metadata: 7 as never }), {
        mode: 'enforce_ignore_error',
        capabilities,
      }),
    ];
    const outcome = await invoke(plugins, host);
    expect(outcome.modifiedExtensions).toBeUndefined();
  });
});
