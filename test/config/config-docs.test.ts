import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-issue.js';
import { configSchema } from '../../src/config/sections/configuration.js';
import { loadConfig } from '../../src/config/load-config.js';

const page = readFileSync('docs/reference/configuration.md', 'utf8');

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}

function load(yaml: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gatechart-docs-'));
  try {
    writeFileSync(join(folder, 'plugins.yaml'), yaml);
    return loadConfig('plugins.yaml', { env: {}, cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the page on configuration', () => {
  it('has examples that load without a warning', () => {
    const examples = blocks('yaml');
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) expect(load(example).warnings).toEqual([]);
    expect(load(examples[0] ?? '').config.plugins.map((plugin) => plugin.name)).toEqual([
      'deny-list',
      'redactor',
      'policy',
    ]);
  });

  it('shows messages as they are', () => {
    try {
      load('plugins:\n- name: a\n  kind: k\n  priority: high\n  mod: enforce\n');
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      expect(blocks('text')).toEqual([`${error.message}\n`]);
    }
  });

  it('names every key there is', () => {
    const keys = keysOf(configSchema);
    expect(keys).toContain('ssl_cert_reqs');
    expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  });
});

/** Keys of every section, however optional; those of `applied_to` are for plugins to explain. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if ('shape' in schema && typeof schema.shape === 'object' && schema.shape !== null) {
    return Object.entries(schema.shape).flatMap(([key, inner]) =>
      key === 'applied_to' ? [key] : [key, ...keysOf(inner)],
    );
  }
  if ('element' in schema) return keysOf(schema.element);
  if ('unwrap' in schema && typeof schema.unwrap === 'function') return keysOf(schema.unwrap() as unknown);
  return [];
}
