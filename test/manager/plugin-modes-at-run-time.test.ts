import { describe, expect, it } from 'vitest';
import { callTool, start } from '../fixtures/manager/managers.js';
import { Witnesses } from '../fixtures/manager/witness.js';
import { rejection } from '../fixtures/waiting.js';

const entry = (name: string, more: object = {}) => ({ name, kind: 'witness', hooks: ['tool_pre_invoke'], ...more });

async function world(...plugins: object[]) {
  const witnesses = new Witnesses();
  const manager = await start({ kinds: { witness: witnesses.kind }, config: { plugins } });
  const ran = async () => (await callTool(manager, 't')).metadata;
  return { manager, events: witnesses.events, ran };
}

describe('setMode', () => {
  it('starts a plugin that was disabled, shuts one down that is to be, and restarts nothing else', async () => {
    const { manager, events, ran } = await world(entry('a'), entry('b', { mode: 'disabled' }));
    expect(await manager.setMode('b', 'enforce')).toMatchObject({ added: ['b'], unchanged: ['a'] });
    expect(await ran()).toEqual({ a: 'a1', b: 'b2' });
    expect(await manager.setMode('b', 'permissive')).toMatchObject({ changed: ['b'], unchanged: ['a'] });
    expect(manager.plugins[1]).toMatchObject({ name: 'b', mode: 'permissive', state: 'running.enabled' });
    expect(manager.configs[1]).toMatchObject({ mode: 'permissive' });
    expect(events).toEqual(['start a1', 'start b2']);
    expect(await manager.setMode('a', 'disabled')).toMatchObject({ removed: ['a'], unchanged: ['b'] });
    expect(await ran()).toEqual({ b: 'b2' });
    expect(manager.plugins[0]).toMatchObject({ name: 'a', mode: 'disabled', state: 'off' });
    expect(events).toEqual(['start a1', 'start b2', 'end a1']);
  });

  it('holds through reloads until the mode of the entry itself changes', async () => {
    const { manager } = await world(entry('a'), entry('b', { mode: 'enforce' }));
    const modes = () => manager.plugins.map(({ mode }) => mode);
    await manager.setMode('a', 'audit');
    await manager.setMode('b', 'audit');
    await manager.reload({ plugins: [entry('a', { priority: 3 }), entry('b', { mode: 'enforce', tags: ['x'] })] });
    expect(modes()).toEqual(['audit', 'audit']);
    await manager.reload({ plugins: [entry('a', { mode: 'permissive' }), entry('b', { mode: 'enforce' })] });
    expect(modes()).toEqual(['permissive', 'audit']);
    await manager.reload({ plugins: [entry('a'), entry('b', { mode: 'disabled' })] });
    expect(modes()).toEqual(['enforce', 'disabled']);
    // What ended does not come back.
    await manager.reload({ plugins: [entry('a'), entry('b', { mode: 'enforce' })] });
    expect(modes()).toEqual(['enforce', 'enforce']);
  });

  it('is refused for a plugin that nobody configured, and for a mode that nobody knows', async () => {
    const { manager, ran } = await world(entry('a'));
    expect(await rejection(manager.setMode('b', 'audit'))).toMatchObject({
      code: 'PLUGIN_NOT_FOUND',
      message: 'Plugin b does not run: the configuration has none of that name.',
    });
    const set = manager.setMode.bind(manager) as (name: string, mode: string) => Promise<unknown>;
    expect(await rejection(set('a', 'enforced'))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^the mode of setMode is "enforced", expected one of enforce, /),
    });
    expect(await ran()).toEqual({ a: 'a1' });
  });
});

describe('a plugin that is disabled while the manager runs', () => {
  it('takes part in no chain until it is enabled, keeps its instance, and is reached by name', async () => {
    const { manager, events, ran } = await world(entry('a'), entry('b'));
    manager.disablePlugin('a');
    expect(await ran()).toEqual({ b: 'b2' });
    expect(manager.plugins[0]).toMatchObject({ name: 'a', state: 'running.disabled.held', error: undefined });
    const named = await manager.invokeHookForPlugin(
      'a',
      'tool_pre_invoke',
      { name: 't', args: {} },
      {
        globalContext: { requestId: '1' },
      },
    );
    expect(named.metadata).toEqual({ a: 'a1' });
    manager.enablePlugin('a');
    expect(await ran()).toEqual({ a: 'a1', b: 'b2' });
    expect(events).toEqual(['start a1', 'start b2']);
  });

  it('stays disabled through reloads, also where another instance takes its place', async () => {
    const { manager, ran } = await world(entry('a'), entry('b'));
    manager.disablePlugin('a');
    await manager.reload({ plugins: [entry('a', { priority: 4 }), entry('b')] });
    expect(await ran()).toEqual({ b: 'b2' });
    await manager.reload({ plugins: [entry('a', { config: { say: '!' } }), entry('b')] });
    expect(await ran()).toEqual({ b: 'b2' });
    manager.enablePlugin('a');
    expect(await ran()).toEqual({ a: 'a3!', b: 'b2' });
    manager.disablePlugin('a');
    await manager.reload({ plugins: [entry('b')] });
    await manager.reload({ plugins: [entry('a'), entry('b')] });
    expect(await ran()).toEqual({ a: 'a4', b: 'b2' });
  });

  it('must be one that runs', async () => {
    const { manager } = await world(entry('a', { mode: 'disabled' }));
    for (const [name, why] of [
      ['a', 'its mode is disabled'],
      ['b', 'the configuration has none of that name'],
    ] as const) {
      const error = expect.objectContaining({
        code: 'PLUGIN_NOT_FOUND',
        message: `Plugin ${name} does not run: ${why}.`,
      });
      expect(() => manager.disablePlugin(name)).toThrow(error);
      expect(() => manager.enablePlugin(name)).toThrow(error);
    }
  });
});
