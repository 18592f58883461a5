import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, formatIssue } from '../../src/config/config-issue.js';
import { type LoadedConfig, loadConfig } from '../../src/config/load-config.js';
import { mergePluginConfig } from '../../src/config/remote-plugin-config.js';
import { capabilityNames } from '../../src/config/sections/capabilities.js';

const folder = mkdtempSync(join(tmpdir(), 'gatechart-capabilities-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(capabilities: string): LoadedConfig {
  const yaml = `plugins:\n- {name: a, kind: b, hooks: [tool_pre_invoke], capabilities: ${capabilities}}\n`;
  writeFileSync(join(folder, 'f.yaml'), yaml);
  return loadConfig('f.yaml', { env: {}, cwd: folder });
}

function errorsOf(capabilities: string): string[] {
  try {
    load(capabilities);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map((issue) => formatIssue(issue));
    throw error;
  }
  return [];
}

describe('the capabilities of a plugin', () => {
  it('may be any that there are, twice too, or none', () => {
    const words = [...capabilityNames, 'read_headers'];
    const { config, warnings } = load(`[${words.join(', ')}]`);
    expect(config.plugins[0]?.capabilities).toEqual(words);
    expect(warnings).toEqual([]);
    expect(load('[]').config.plugins[0]?.capabilities).toEqual([]);
    expect(load('null').config.plugins[0]?.capabilities).toEqual([]);
  });

  it.each([
    [
      'one that is near another',
      '[read_agent, read_header]',
      'f.yaml:2:75 plugins[0].capabilities[1]: expected a capability, perhaps `read_headers`, found the string "read_header"',
    ],
    [
      'one that is like none',
      '[everything]',
      `f.yaml:2:63 plugins[0].capabilities[0]: expected one of ${capabilityNames.join(', ')}, found the string "everything"`,
    ],
    [
      'a word where a list should be',
      'read_headers',
      'f.yaml:2:62 plugins[0].capabilities: expected a list of strings, found the string "read_headers"',
    ],
    ['a map', '{read_headers: true}', 'f.yaml:2:62 plugins[0].capabilities: expected a list of strings, found a map'],
    [
      'a number',
      '[1]',
      'f.yaml:2:63 plugins[0].capabilities[0]: expected a string, found the number 1; put it in quotes',
    ],
  ])('are refused with the place: %s', (_, capabilities, message) => {
    expect(errorsOf(capabilities)).toEqual([message]);
  });

  it('are warned of where only a later generation of the reference knows them', () => {
    const { config, warnings } = load('[read_meta, read_headers, read_workload]');
    expect(config.plugins[0]?.capabilities).toEqual(['read_meta', 'read_headers', 'read_workload']);
    expect(warnings.map((issue) => formatIssue(issue))).toEqual([
      'f.yaml:2:63 plugins[0].capabilities[0]: has no effect; only the successor of cpex has `read_meta`',
      'f.yaml:2:88 plugins[0].capabilities[2]: has no effect; only the successor of cpex has `read_workload`',
    ]);
  });

  it('are refused from a server too', () => {
    const [local] = loadConfig({
      plugins: [{ name: 'a', kind: 'external', mcp: { proto: 'STREAMABLEHTTP', url: 'http://127.0.0.1:1/mcp' } }],
    }).config.plugins;
    if (local === undefined) throw new Error('no plugin');
    expect(() => mergePluginConfig(local, { capabilities: ['write_everything'] })).toThrow(
      /capabilities\[0\]: expected one of read_subject/,
    );
    expect(mergePluginConfig(local, { capabilities: ['read_labels'] }).capabilities).toEqual(['read_labels']);
  });
});
