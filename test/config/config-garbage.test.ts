import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, type ConfigIssue } from '../../src/config/config-issue.js';
import { loadConfig } from '../../src/config/load-config.js';
import { renderTemplate, TemplateError } from '../../src/config/template/template.js';

const folder = mkdtempSync(join(tmpdir(), 'gatechart-properties-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The issues of a configuration; anything thrown that is no ConfigError fails the test. */
function issuesOf(source: string | object, env: NodeJS.ProcessEnv = {}): readonly ConfigIssue[] {
  try {
    return loadConfig(source, { env, cwd: folder }).warnings;
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
}

function issuesOfFile(text: string, env: NodeJS.ProcessEnv = {}): readonly ConfigIssue[] {
  writeFileSync(join(folder, 'f.yaml'), text);
  return issuesOf('f.yaml', env);
}

const fragments = fc.constantFrom(
  'plugins:',
  '- ',
  'name: a',
  'kind: external',
  ' ',
  '\n',
  '\n  ',
  '\t',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  ': ',
  ',',
  '&a ',
  '*a',
  '<<: *a',
  '!!int ',
  '|\n',
  '>-\n',
  '? ',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '{{ env.A }}',
  '{{',
  '}}',
  '{% if env.A %}',
  '{% endif %}',
  '{% else %}',
  '{% for a in env.A %}',
  '{% endfor %}',
  '{% set a = 1 %}',
  '{#',
  '#}',
  '{%-',
  '-%}',
  '# c',
  '\\',
  '\u0000',
  '\uE001',
  '😀',
  '.inf',
  '__proto__: 1',
  '\r\n',
);
const garbage = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fragments, { maxLength: 25 }).map((parts) => parts.join('')),
);

describe('a file of garbage', () => {
  it('is never refused with anything but a ConfigError, and every issue is on a line of the file', () => {
    fc.assert(
      fc.property(garbage, garbage, (text, value) => {
        const lines = text.split('\n').length;
        for (const issue of issuesOfFile(text, { A: value })) {
          expect(issue.line ?? 1).toBeLessThanOrEqual(lines);
          expect(issue.line ?? 1).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('a template', () => {
  const text = fc.stringMatching(/^[a-z \n]{0,12}$/);
  const literal = text.map((source) => ({ source, output: source, literal: true }));
  const silent = fc
    .constantFrom('{# c\n #}', '{% set a = 1 %}', '{% if env.NO %}left\nout{% endif %}')
    .map((source) => ({ source, output: '', literal: false }));
  const inserted = text.map((value) => ({ source: `{{ ${JSON.stringify(value)} }}`, output: value, literal: false }));

  it('leads every character back to where it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(literal, silent, inserted), { maxLength: 12 }), (parts) => {
        const source = parts.map((part) => part.source).join('');
        const rendered = renderTemplate(source, {});
        expect(rendered.text).toBe(parts.map((part) => part.output).join(''));
        let output = 0;
        let written = 0;
        for (const part of parts) {
          for (let i = 0; i < part.output.length; i++) {
            expect(rendered.positions?.templateOffset(output + i)).toBe(part.literal ? written + i : written);
            expect(rendered.positions?.holdsInserted(output + i, output + i + 1)).toBe(!part.literal);
          }
          output += part.output.length;
          written += part.source.length;
        }
      }),
    );
  });

  it('of garbage is filled in or refused at a place inside it', () => {
    fc.assert(
      fc.property(garbage, (source) => {
        try {
          expect(typeof renderTemplate(source, { A: 'x' }).text).toBe('string');
        } catch (error) {
          if (!(error instanceof TemplateError)) throw error;
          expect(error.offset).toBeLessThanOrEqual(source.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
