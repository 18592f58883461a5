import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readyMadeKind, readyMadeKinds } from '../../../src/catalogue/index.js';
import { createManager, isGatechartError, type PluginManager } from '../../../src/index.js';
import { recordingLogger } from '../../fixtures/recording-logger.js';
import { theirSources } from './oracle.js';

/** What newer files say in the place of kinds of the source tree. */
const newerKinds: Readonly<Record<string, string>> = {
  'plugins.sql_sanitizer.sql_sanitizer.SQLSanitizerPlugin': 'cpex_sql_sanitizer.sql_sanitizer.SQLSanitizerPlugin',
  'plugins.output_length_guard.output_length_guard.OutputLengthGuardPlugin':
    'cpex_output_length_guard.output_length_guard.OutputLengthGuardPlugin',
};

/** A call of each hook, as a gateway makes them. */
const calls: readonly (readonly [string, object])[] = [
  ['prompt_pre_fetch', { promptId: 'greet', args: { name: 'Ada' } }],
  ['prompt_post_fetch', { promptId: 'greet', result: { messages: [] } }],
  ['tool_pre_invoke', { name: 'read', args: { path: 'a.txt' } }],
  ['tool_post_invoke', { name: 'read', result: { content: [{ type: 'text', text: 'fine' }], isError: false } }],
  ['resource_pre_fetch', { uri: 'https://example.com/a.md' }],
  [
    'resource_post_fetch',
    { uri: 'https://example.com/a.md', content: { contents: [{ uri: 'x:y', mimeType: 'text/plain', text: 'fine' }] } },
  ],
];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatechart-shipped-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.runIf(inject('pythons') !== null)('the whole shipped configuration', () => {
  it.each([
    ['as it is', {}],
    ['with the kinds of newer files', newerKinds],
  ])('runs with every ready-made plugin switched on, %s', async (_, renamed) => {
    const file = await fileWith(() => true, renamed);
    const logger = recordingLogger();
    const manager = await createManager({ config: file, logger, env: {} });
    try {
      for (const [hook, payload] of calls) await expect(settle(manager, hook, payload)).resolves.toBe('settled');
    } finally {
      await manager.close();
    }

    expect(messagesAbout(logger, /cannot be loaded|unknown key/)).toEqual([]);
  });

  it.each(readyMadeKinds.map(({ name }) => name))('starts %s with what it says of it', async (name) => {
    const file = await fileWith((kind) => readyMadeKind(kind)?.name === name, {});
    const logger = recordingLogger();
    const manager = await createManager({ config: file, logger, env: {} });
    await manager.close();

    expect(messagesAbout(logger, /cannot be loaded/)).toEqual([]);
  });
});

function messagesAbout({ lines }: ReturnType<typeof recordingLogger>, what: RegExp): string[] {
  return lines.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`).filter((line) => what.test(line));
}

/** A copy of the file in which nothing but modes differ, and kinds that are told. */
async function fileWith(isOn: (kind: string) => boolean, renamed: Readonly<Record<string, string>>): Promise<string> {
  const shipped = await readFile(join(theirSources, 'plugins/config.yaml'), 'utf8');
  let kind = '';
  let switched = 0;
  const lines = shipped.split('\n').map((line) => {
    const said = /^ {4}kind: "([^"]+)"/.exec(line)?.[1];
    if (said !== undefined) {
      kind = renamed[said] ?? said;
      return line.replace(said, kind);
    }
    if (!/^ {4}mode: /.test(line)) return line;
    if (readyMadeKind(kind) === undefined || !isOn(kind)) return '    mode: "disabled"';
    switched++;
    return '    mode: "enforce"';
  });
  expect(switched).toBe(readyMadeKinds.filter(({ name, kinds }) => [name, ...kinds].some(isOn)).length);
  const path = join(folder, 'config.yaml');
  await writeFile(path, lines.join('\n'));
  return path;
}

/** A hook settles with an answer, or with an error of a plugin whose service is not there. */
async function settle(manager: PluginManager, hook: string, payload: object): Promise<string> {
  const invoke: (...call: [string, object, object]) => Promise<unknown> = manager.invokeHook.bind(manager) as never;
  try {
    await invoke(hook, payload, { requestId: hook, user: 'ada', tenantId: 'one' });
    return 'settled';
  } catch (error) {
    if (isGatechartError(error)) return 'settled';
    throw error;
  }
}
