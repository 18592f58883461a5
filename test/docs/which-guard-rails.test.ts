import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { examplesOf, runExample } from '../fixtures/docs/plugin-calls.js';

const sections = readFileSync('docs/guides/which-guard-rails.md', 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ title: text.slice(0, text.indexOf('\n')), text }))
  .filter(({ text }) => text.includes('```yaml'));

describe('the guide on guard-rails', () => {
  it('answers at least ten questions with twelve lines each', () => {
    expect(sections.length).toBeGreaterThanOrEqual(10);
    const linesOf = (yaml: string) =>
      yaml
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('#')).length;
    const long = sections.filter(({ text }) => examplesOf(text).some(({ yaml }) => linesOf(yaml) > 12));
    expect(long.map(({ title }) => title)).toEqual([]);
  });

  it.each(sections)('does what it says: $title', async ({ text }) => {
    for (const example of examplesOf(text)) await runExample(example);
  });
});
