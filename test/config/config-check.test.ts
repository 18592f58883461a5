import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../fixtures/config/check.js';

const fixtures = 'test/fixtures/config';

describe('gatechart check-config', () => {
  it('prints warnings and counts for a file that can be used', async () => {
    expect(await check(`${fixtures}/cpex.yaml`)).toEqual({
      code: 0,
      out: [
        `${fixtures}/cpex.yaml:4:11 warning plugins[0].kind: this names a Python class; serve that plugin with its own server and use \`kind: external\``,
        `${fixtures}/cpex.yaml:10:5 warning plugins[0].max_content_size: has no effect; it limits the answers of plugins of \`kind: external\``,
        `${fixtures}/cpex.yaml:14:11 warning plugins[1].kind: found the string "isolated_venv"; only a program that registers this kind can start it`,
        `${fixtures}/cpex.yaml: 4 plugins, 0 errors, 3 warnings`,
        '',
      ],
      err: [''],
    });
  });

  it('looks for the files of plugins without running them', async () => {
    expect(await check(`${fixtures}/modules.yaml`)).toEqual({
      code: 1,
      out: [
        `${fixtures}/modules.yaml:9:11 error plugins[2].kind: found the string "./plugins/gone.js#Gone", which cannot be loaded: there is no such file in the configuration's folder or plugin_dirs`,
        `${fixtures}/modules.yaml:16:11 warning plugins[4].kind: this names a Python class; serve that plugin with its own server and use \`kind: external\``,
        `${fixtures}/modules.yaml:19:11 error plugins[5].kind: found the string "@acme/redactor#Redactor", which cannot be loaded: no installed package has this module`,
        `${fixtures}/modules.yaml: 2 errors, 1 warning`,
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
          `${file}:3:9 error plugins[0].kind: found the string "./a.js#A", which cannot be loaded: there is no such file in the configuration's folder or plugin_dirs`,
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

  it('finds packages that are installed, and what hosts may register is no error', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatechart-check-'));
    try {
      mkdirSync(join(folder, 'node_modules/acme'), { recursive: true });
      writeFileSync(
        join(folder, 'node_modules/acme/package.json'),
        '{"type": "module", "exports": {"./deny": "./d.js"}}',
      );
      writeFileSync(join(folder, 'node_modules/acme/d.js'), 'throw new Error("this must not run");\n');
      const file = join(folder, 'f.yaml');
      writeFileSync(
        file,
        `plugins:
- {name: a, kind: "acme/deny#A", hooks: [tool_pre_invoke]}
- {name: b, kind: "acme/allow#A", hooks: [tool_pre_invoke]}
- {name: c, kind: Own, hooks: [robot_pre_move]}
- name: d
  kind: external
  hooks: [tool_pre_invoke, ToolPreInvoke]
  unix_socket: {path: /tmp/d.sock}
- {name: e, kind: Own, hooks: [robot_pre_move], mode: disabled}
`,
      );
      expect(await check(file)).toEqual({
        code: 1,
        out: [
          `${file}:3:19 error plugins[1].kind: found the string "acme/allow#A", which cannot be loaded: no installed package has this module`,
          `${file}:4:19 warning plugins[2].kind: found the string "Own"; only a program that registers this kind can start it`,
          `${file}:4:32 warning plugins[2].hooks[0]: expected a built-in hook, or one that the program registers, found the string "robot_pre_move"`,
          `${file}:7:28 warning plugins[3].hooks[1]: expected a built-in hook, or one that the program registers, found the string "ToolPreInvoke"; did you mean \`tool_pre_invoke\`?`,
          `${file}: 1 error, 3 warnings`,
          '',
        ],
        err: [''],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('does not show values from the environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatechart-check-'));
    try {
      const file = join(folder, 'f.yaml');
      writeFileSync(
        file,
        `plugins:
- {name: a, kind: "{{ env.S }}", hooks: ["{{ env.S }}"]}
- {name: b, kind: "./{{ env.S }}.js#A"}
- {name: c, kind: "{{ env.S }}#A"}
- {name: d, kind: "/{{ env.S }}#A"}
`,
      );
      const { out } = await check(file, { S: 'hunter2-hunter2' });
      expect(out.filter((line) => / (error|warning) plugins/.test(line)).length).toBeGreaterThanOrEqual(5);
      expect(out.join('\n')).not.toContain('hunter2');
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
