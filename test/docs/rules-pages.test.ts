import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatIssue } from '../../src/config/config-issue.js';
import { parseJson } from '../../src/config/source/json-source.js';
import { readPattern } from '../../src/gateway/rules/pattern.js';
import { readRules } from '../../src/gateway/rules/read-rules.js';
import { repository } from '../fixtures/manager/managers.js';
import { gatechart } from '../fixtures/processes/processes.js';
import { rows } from '../interop/gateway/deliberate-changes.js';

const guide = read('docs/guides/who-may-call-what.md');
const reference = read('docs/reference/rules.md');
const migration = read('docs/guides/come-from-agent-mcp-gateway.md');
const folder = join(repository, 'docs/examples/who-may-call-what');

describe('the guide on rules', () => {
  it('shows its files as they are', () => {
    const files = ['mcp.json', 'rules.json'].map((file) => read(`docs/examples/who-may-call-what/${file}`));
    expect(blocks(guide, 'json')).toEqual(files);
  });

  it('has rules of which only the default agent is warned of', () => {
    const rules = readRules(join(folder, 'rules.json'), { strict: true });
    expect(rules.issues.map(({ path }) => path)).toEqual(['defaults.deny_on_missing_agent']);
    expect(rules.unconfigured(['files', 'memory', 'billing'])).toEqual([]);
  });

  it('shows what its commands print', async () => {
    const commands = blocks(guide, 'sh').map((command) => command.trim().split(' ').slice(2));
    const printed: string[] = [];
    for (const command of commands) printed.push((await gatechart(command, { cwd: folder })).stdout);
    expect(commands.length).toBeGreaterThan(2);
    expect(printed).toEqual(blocks(guide, 'text'));
  }, 60_000);

  it('suggests rules that can be used', () => {
    const suggested = [...guide.matchAll(/^\| [^|]+ \| `("allow": .*)` \|$/gm)].map(([, rules]) => `{${rules}}`);
    expect(suggested.length).toBeGreaterThan(5);
    for (const rules of suggested) {
      const { data } = parseJson(`{"agents": {"a": ${rules}}}`, 'the suggestion');
      const { issues } = readRules(Object(data), { strict: true });
      expect(issues.filter(({ path }) => !path.includes('["*"]'))).toEqual([]);
    }
  });
});

describe('the reference of rules', () => {
  it('shows a file that can be used', () => {
    const files = blocks(reference, 'json').map((text) => parseJson(text, 'the example').data);
    expect(files).toHaveLength(1);
    for (const file of files) {
      const issues = readRules(Object(file), { strict: true }).issues.map(formatIssue);
      expect(issues).toEqual([expect.stringContaining('agents.researcher.deny.tools["*"]')]);
    }
  });

  it('is right about patterns', () => {
    const table = [...reference.matchAll(/^\| `[^|]+` \| [^|]+ \| `([^|`]+)`: ([^|]+) \| ([^|]+) \|$/gm)];
    expect(table).toHaveLength(4);
    const names = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    for (const [, text = '', matching, others] of table) {
      for (const name of names(matching))
        expect([text, name, readPattern(text).matches(name)]).toEqual([text, name, true]);
      for (const name of names(others))
        expect([text, name, readPattern(text).matches(name)]).toEqual([text, name, false]);
    }
  });
});

it('those who come from agent-mcp-gateway find every difference', () => {
  const found = [...migration.matchAll(/^\| ([^|]+) \|/gm)].map(([, what = '']) => what);
  for (const row of Object.values(rows)) expect(found).toContain(row);
});

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

function blocks(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);
}
