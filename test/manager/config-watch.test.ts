import { renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { InspectionEvent } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { callTool, folderWith, start } from '../fixtures/manager/managers.js';
import { Witnesses } from '../fixtures/manager/witness.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection, until } from '../fixtures/waiting.js';

const yaml = (...names: string[]): string =>
  `plugins:\n${names.map((name) => `  - { name: ${name}, kind: witness, hooks: [tool_pre_invoke] }\n`).join('')}`;

/** A manager that follows a file. */
async function following(config: string) {
  const witnesses = new Witnesses();
  const logger = recordingLogger();
  const states: unknown[] = [];
  const inspector = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.snapshot' || !('value' in event.snapshot) || !('id' in event.actorRef)) return;
    if (event.actorRef.id === 'configWatch' && event.snapshot.value !== states.at(-1))
      states.push(event.snapshot.value);
  };
  const manager = await start({ kinds: { witness: witnesses.kind }, config, watch: true, logger, inspector });
  const has = (...names: string[]): Promise<void> =>
    until(`${names.join(', ')} run`, () => manager.pluginNames.join() === names.join());
  return { manager, has, logger, states, events: witnesses.events };
}

function aFile(text: string) {
  const folder = folderWith({ 'plugins.yaml': text });
  return { folder, file: join(folder, 'plugins.yaml') };
}

it('a file that is followed is put in force when it is written to', async () => {
  const { file } = aFile(yaml('a'));
  const { manager, has, events } = await following(file);
  writeFileSync(file, yaml('a', 'b'));
  await has('a', 'b');
  expect((await callTool(manager, 't')).metadata).toEqual({ a: 'a1', b: 'b2' });
  expect(events).toEqual(['start a1', 'start b2']);
});

it('a file that is followed may be replaced, as most editors do', async () => {
  const { folder, file } = aFile(yaml('a'));
  const { has } = await following(file);
  for (const names of [['b'], ['b', 'c']]) {
    writeFileSync(join(folder, '.plugins.yaml.swp'), yaml(...names));
    renameSync(join(folder, '.plugins.yaml.swp'), file);
    await has(...names);
  }
});

it('a link on the way to the file may be replaced, as Kubernetes does with its volumes', async () => {
  const folder = folderWith({ '..1/plugins.yaml': yaml('a'), '..2/plugins.yaml': yaml('b') });
  symlinkSync('..1', join(folder, '..data'));
  symlinkSync(join('..data', 'plugins.yaml'), join(folder, 'plugins.yaml'));
  const { has } = await following(join(folder, 'plugins.yaml'));
  symlinkSync('..2', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  rmSync(join(folder, '..1'), { recursive: true });
  await has('b');
});

it('a file that is being written is not read before it is whole: an empty one would mean that no guard runs', async () => {
  const { file } = aFile(yaml('a', 'b'));
  const { manager, has, logger, states } = await following(file);
  truncateSync(file);
  await until('it was seen', () => states.includes('lost'));
  expect(manager.pluginNames).toEqual(['a', 'b']);
  expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining('is gone or empty') });
  writeFileSync(file, yaml('b'));
  await has('b');
});

it('a file may be gone for a while', async () => {
  const { file } = aFile(yaml('a'));
  const { manager, has, states } = await following(file);
  rmSync(file);
  await until('it was seen', () => states.includes('lost'));
  expect(manager.pluginNames).toEqual(['a']);
  writeFileSync(file, yaml('a', 'b'));
  await has('a', 'b');
});

it('what is invalid is logged, and the old configuration stays until the file is right again', async () => {
  const { file } = aFile(yaml('a'));
  const { manager, has, logger } = await following(file);
  writeFileSync(file, 'plugins: [{ name: b, kimd: witness }]\n');
  const told = () => logger.lines.filter(({ level }) => level === 'error').map(({ message }) => message);
  await until('it is told', () => told().length === 1);
  expect(told()[0]).toMatch(/^nothing was reloaded, and what was in force stays: .*plugins\.yaml/);
  expect(manager.pluginNames).toEqual(['a']);
  writeFileSync(file, yaml('b'));
  await has('b');
});

it('nothing follows the file when the manager is closed, and nothing holds the process open before', async () => {
  const clock = new ManualClock();
  const { file } = aFile(yaml('a'));
  const manager = await start({ kinds: { witness: new Witnesses().kind }, config: file, watch: true, clock });
  expect([clock.size, clock.holding]).toEqual([1, 0]);
  clock.advance(500);
  await until('it was looked at', () => clock.size === 1);
  expect(clock.holding).toBe(0);
  await manager.close();
  expect(clock.size).toBe(0);
});

it('only a file can be followed', async () => {
  const error = await rejection(start({ config: { plugins: [] }, watch: true }));
  expect(error).toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'options.watch is true, but options.config is no file to be followed.',
  });
});
