import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { checkConfig } from '../src/cli/check-config.js';

async function check(file: string, env: NodeJS.ProcessEnv = {}) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await checkConfig(file, { stdout, stderr, env });
  stdout.end();
  stderr.end();
  return { code, out: (await text(stdout)).split('\n'), err: (await text(stderr)).split('\n') };
}

const fixtures = 'test/fixtures/config';

describe('gatechart check-config', () => {
  it('prints warnings and counts for a file that can be used', async () => {
    expect(await check(`${fixtures}/cpex.yaml`)).toEqual({
      code: 0,
      out: [
        `${fixtures}/cpex.yaml:4:5 warning plugins[0].kind: this names a Python class; serve that plugin with its own server and use \`kind: external\``,
        `${fixtures}/cpex.yaml:7:5 warning plugins[0].on_error: has no effect; use \`mode: enforce_ignore_error\` to carry on after errors`,
        `${fixtures}/cpex.yaml:9:5 warning plugins[0].capabilities: has no effect; plugins get no extensions they would be needed for`,
        `${fixtures}/cpex.yaml:10:5 warning plugins[0].max_content_size: has no effect; use \`plugin_settings.max_payload_size\``,
        `${fixtures}/cpex.yaml: 4 plugins, 0 errors, 4 warnings`,
        '',
      ],
      err: [''],
    });
  });

  it('looks for the files of plugins without running them', async () => {
    expect(await check(`${fixtures}/modules.yaml`)).toEqual({
      code: 1,
      out: [
        `${fixtures}/modules.yaml:9:11 error plugins[2].kind: expected a module that exists next to this file or in one of \`plugin_dirs\`, found the string "./plugins/gone.js#Gone"`,
        `${fixtures}/modules.yaml:16:5 warning plugins[4].kind: this names a Python class; serve that plugin with its own server and use \`kind: external\``,
        `${fixtures}/modules.yaml: 1 error, 1 warning`,
        '',
      ],
      err: [''],
    });
  });

  it('prints errors of the file and of its modules together', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatechart-check-'));
    try {
      const file = join(folder, 'f.yaml');
      writeFileSync(file, 'plugins:\n- name: a\n  kind: ./a.js#A\n  mod: enforce\n  hooks: [tool_pre_invoke]\n');
      expect(await check(file)).toEqual({
        code: 1,
        out: [
          `${file}:3:9 error plugins[0].kind: expected a module that exists next to this file, found the string "./a.js#A"`,
          `${file}:4:3 error plugins[0].mod: unknown key; did you mean \`mode\`?`,
          `${file}: 2 errors, 0 warnings`,
          '',
        ],
        err: [''],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('reads the environment it is given', async () => {
    expect(await check(`${fixtures}/empty.yaml`, { PLUGINS_PLUGIN_TIMEOUT: 'abc' })).toEqual({
      code: 1,
      out: [
        'error PLUGINS_PLUGIN_TIMEOUT: expected seconds, more than 0, found the string "abc"',
        `${fixtures}/empty.yaml: 1 error, 0 warnings`,
        '',
      ],
      err: [''],
    });
  });

  it('says on stderr that a file cannot be read', async () => {
    expect(await check('no-such.yaml')).toEqual({
      code: 2,
      out: [''],
      err: ['no-such.yaml cannot be read: there is no such file; give the path of a configuration file', ''],
    });
  });
});
