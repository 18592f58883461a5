import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { promised, pythonReadings, refusedHere, scalarHere, templateHere } from '../fixtures/config/python-readings.js';
import { refusalOfFile, temporaryFolder } from '../fixtures/config/refusal.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

describe('a plain scalar is what PyYAML makes of it', () => {
  it.each(pythonReadings.scalars)('%s', (text, theirs) => {
    expect(scalarHere(folder, text)).toEqual(promised(text, theirs));
  });
});

describe('a template is filled in as Jinja fills it in, or refused', () => {
  it.each(pythonReadings.templates)('%s', (template, theirs) => {
    const ours = templateHere(template, pythonReadings.env);
    if ('refused' in theirs || refusedHere.includes(template)) expect(ours).toHaveProperty('refused');
    else expect(ours).toEqual(theirs);
  });
});

describe('a number that would be another one is refused with its position', () => {
  it.each(['9007199254740993', '-9007199254740993', '0x20000000000001', '0b1' + '0'.repeat(52) + '1', '9'.repeat(500)])(
    '%s',
    (digits) => {
      const error = refusalOfFile(folder, `plugins:\n- name: a\n  kind: k\n  config:\n    ids: [1, ${digits}]\n`);
      expect(error.issues).toEqual([
        expect.objectContaining({ line: 5, column: 14, message: expect.stringContaining('held exactly') }),
      ]);
      expect(error.message).not.toContain(digits);
    },
  );

  it('but not one that is held as it is written, or is in quotes', () => {
    expect(scalarHere(folder, '9007199254740992')).toEqual({ value: 2 ** 53 });
    expect(scalarHere(folder, "'9007199254740993'")).toEqual({ value: '9007199254740993' });
  });
});

describe('what Jinja has and this does not is named where it is written, also where it is not reached', () => {
  const unsupported =
    'attr batch center dictsort filesizeformat forceescape groupby map max min pprint random reject rejectattr select ' +
    'selectattr slice striptags sum truncate unique urlize wordcount wordwrap xmlattr shout';

  it.each(unsupported.split(' '))('the filter %s', (name) => {
    for (const use of [`{{ env.A | ${name} }}`, `{{ env.A|${name}(1) }}`, `{% filter ${name} %}x{% endfilter %}`]) {
      const error = refusalOfFile(folder, `plugins: []\n{% if env.NO %}\n  ${use}\n{% endif %}\n`);
      expect(error.issues).toEqual([
        expect.objectContaining({
          line: 3,
          message: expect.stringContaining(`the filter \`${name}\` is not supported`),
        }),
      ]);
    }
  });

  it.each([
    'divisibleby',
    'eq',
    'equalto',
    'escaped',
    'filter',
    'float',
    'ge',
    'gt',
    'in',
    'le',
    'lt',
    'ne',
    'sameas',
    'test',
  ])('the test %s', (name) => {
    const error = refusalOfFile(
      folder,
      `x: {{ 1 if env.A is ${name} else 2 }}\ny: {{ 1 if env.A is not ${name} else 2 }}\n`,
    );
    expect(error.issues[0]).toMatchObject({ line: 1, severity: 'error' });
  });

  it.each(['range(3)', 'dict(a=1)', 'lipsum()', 'cycler(1)', "joiner(',')"])('the function %s', (call) => {
    const error = refusalOfFile(folder, `x: {% if env.NO %}{{ ${call} }}{% endif %}\n`);
    expect(error.issues[0]).toMatchObject({ line: 1, message: expect.stringContaining('is not supported') });
  });

  it.each(['include "x"', 'import "x" as y', 'extends "x"', 'block b', 'with', 'autoescape true', 'do 1', 'trans'])(
    'the statement %s',
    (statement) => {
      const error = refusalOfFile(folder, `plugins: []\n{% ${statement} %}\n`);
      expect(error.issues[0]).toMatchObject({
        line: 2,
        message: expect.stringContaining(statement.split(' ')[0] ?? ''),
      });
    },
  );

  it.each(['env.A.zfill(3)', 'env.A.encode()', 'env.nothing()', 'nothing(1)'])('the method %s', (call) => {
    const error = refusalOfFile(folder, `plugins: []\nx: {{ ${call} }}\n`, { A: 'a' });
    expect(error.issues[0]).toMatchObject({ line: 2, message: expect.stringContaining('function or method') });
  });
});
