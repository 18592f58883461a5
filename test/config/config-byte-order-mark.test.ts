import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { invokeOnce } from '../../src/cli/invoke.js';
import { readEnvironment } from '../../src/config/environment/environment.js';
import { loadConfig } from '../../src/config/load-config.js';
import { refusalOfFile, temporaryFolder } from '../fixtures/config/refusal.js';

const mark = '\uFEFF';
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

async function invoke(payload: string | Buffer, context?: string) {
  writeFileSync(at('payload.json'), payload);
  writeFileSync(at('plugins.yaml'), `${mark}plugins: []\n`);
  if (context !== undefined) writeFileSync(at('context.json'), context);
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await invokeOnce(
    {
      config: at('plugins.yaml'),
      hook: 'tool_pre_invoke',
      payload: at('payload.json'),
      ...(context === undefined ? {} : { context: at('context.json') }),
    },
    { stdout, stderr, env: {}, signals: process },
  );
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: (await text(stderr)).replaceAll(folder, '') };
}

describe('a byte order mark before a text is no part of it', () => {
  it('in a configuration, where it moves no position', () => {
    writeFileSync(at('f.yaml'), `${mark}plugin_dirs: [a]\n`);
    expect(loadConfig('f.yaml', { env: {}, cwd: folder }).config.pluginDirs).toEqual([at('a')]);
    expect(refusalOfFile(folder, `${mark}plugin_dirs: 3\n`).issues).toEqual([
      expect.objectContaining({ line: 1, column: 14 }),
    ]);
  });

  it('in a configuration that is JSON, or a template', () => {
    writeFileSync(at('f.yaml'), `${mark}{"plugin_dirs": ["{{ env.A }}"]}`);
    expect(loadConfig('f.yaml', { env: { A: `${mark}a` }, cwd: folder }).config.pluginDirs).toEqual([at('a')]);
  });

  it('in variables', () => {
    expect(
      readEnvironment({ PLUGINS_CONFIG_FILE: `${mark}a.yaml`, PLUGINS_DEFAULT_HOOK_POLICY: `${mark}deny` }),
    ).toMatchObject({
      configFile: 'a.yaml',
      defaultHookPolicy: 'deny',
    });
    expect(readEnvironment({ PLUGINS_CONFIG_FILE: mark }).configFile).toBe('plugins/config.yaml');
  });

  it('in the payload and the context of a call', async () => {
    expect(await invoke(`${mark}{"name": "t", "args": {}}`, `${mark}{"request_id": "7"}`)).toMatchObject({
      code: 0,
      err: '',
    });
  });
});

describe('the payload of a call', () => {
  it.each<[string, string | Buffer, RegExp]>([
    [
      'a number that would be rounded',
      '{"name": "t",\n "args": {"id": 9007199254740993}}',
      /^\/payload\.json:2:17: expected a number that can be held exactly/,
    ],
    ['a number too large for any', '{"name": "t", "args": {"id": 1e400}}', /^\/payload\.json:1:30: expected a number/],
    ['other bytes than UTF-8', Buffer.from([0x22, 0xff, 0x22]), /^\/payload\.json is not text in UTF-8/],
    ['what is no JSON', '{', /^\/payload\.json is not JSON/],
    [
      'lists in lists',
      `{"name": "t", "args": {"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      /^\/payload\.json:1:1027: expected at most 1000 levels/,
    ],
  ])('with %s is refused with its position', async (_, payload, message) => {
    const { code, err } = await invoke(payload);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err).not.toContain('call stack');
  });

  it('may hold digits in text, and large numbers that are exact', async () => {
    const payload = '{"name": "9007199254740993", "args": {"a\\"9007199254740993": 9007199254740992, "b": 1.5e3}}';
    expect(await invoke(payload)).toMatchObject({ code: 0, err: '' });
  });
});
