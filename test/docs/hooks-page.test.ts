import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { builtInHooks, gatewayPolicies, type HookDefinition } from '../../src/index.js';

const page = readFileSync('docs/reference/hooks.md', 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);

/** What hooks are about whose payload is about several things; of messages it is their parts. */
const several: Readonly<Record<string, string>> = { tool_list_post: '`tools`' };

const code = (names: readonly string[]): string =>
  names.length === 0 ? '–' : names.map((name) => `\`${name}\``).join(', ');

it('the page has a row for every hook that is built in, with what the code says of it', () => {
  const rows = builtInHooks.map((hook: HookDefinition) => {
    const { name, payload, result, subject } = hook;
    const fields = payload instanceof z.ZodObject ? Object.keys(payload.shape) : [];
    const answers = result === undefined ? 'the payload' : 'a result of its own';
    const about =
      hook.subjects === undefined ? code(subject === undefined ? [] : [subject.list]) : (several[name] ?? 'its parts');
    const writable = result === undefined ? code(gatewayPolicies[name]?.writable ?? []) : 'its answer';
    return `| \`${name}\` | ${code(fields)} | ${answers} | ${about} | ${writable} |`;
  });
  expect(page.split('\n').filter((line) => /^\| `[\w.]+` \|.*\| (?:the payload|a result)/.test(line))).toEqual(rows);
});

it('its example is shown as it is, and prints what the page says', async () => {
  const read = (file: string): string => readFileSync(`docs/examples/messages/${file}`, 'utf8');
  expect(blocks('js')).toEqual([read('tool-limits.js'), read('main.js')]);
  expect(blocks('yaml')).toEqual([read('plugins.yaml')]);
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'docs/examples/messages/main.js']);
  expect(blocks('text')).toEqual([stdout]);
});
