import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, type ConfigIssue } from '../../src/config/config-issue.js';
import { errorAt, type Path } from '../../src/config/problem.js';
import { jsonFromData, parseJson, readJsonFile } from '../../src/config/source/json-source.js';
import { refusalOf } from '../fixtures/config/refusal.js';

const folder = mkdtempSync(join(tmpdir(), 'gatechart-json-'));
afterAll(() => rmSync(folder, { recursive: true }));

const faultOf = (text: string): string => {
  const [{ line, column, path, message } = { line: 0, column: 0, path: '', message: '' }] = refusalOf(() =>
    parseJson(text, 'f'),
  ).issues;
  return `${line}:${column} ${path === '' ? '' : `${path}: `}${message}`;
};

const withComments = `// servers
{
  /* two
     lines */ "a": { "list": [1, { "deep": true }], }, // why
  "b": null,
}
`;

describe('JSON with comments and trailing commas', () => {
  it('is read', () => {
    expect(parseJson(withComments, 'f').data).toEqual({ a: { list: [1, { deep: true }] }, b: null });
  });

  it.each<[Path, 'key' | 'value' | 'parent', number, number]>([
    [[], 'value', 2, 1],
    [['a'], 'key', 4, 15],
    [['a'], 'value', 4, 20],
    [['a', 'list', 1, 'deep'], 'key', 4, 36],
    [['a', 'list', 1, 'deep'], 'value', 4, 44],
    [['a', 'list', 0], 'key', 4, 31],
    [['b'], 'value', 5, 8],
    [['a', 'missing'], 'parent', 4, 20],
    [['a', 'list', 9, 'deep'], 'value', 4, 30],
    [['missing'], 'value', 2, 1],
  ])('tells where %j stands by its %s', (path, at, line, column) => {
    expect(parseJson(withComments, 'f').position(path, at)).toEqual({ line, column });
  });

  it('may have many lists side by side, but few inside each other', () => {
    const lists = (count: number, depth: number) => `[${`${'['.repeat(depth)}${']'.repeat(depth)},`.repeat(count)}]`;
    expect(parseJson(lists(500, 99), 'f').data).toHaveLength(500);
    expect(faultOf(lists(2, 100))).toBe('1:101 expected at most 100 levels of nesting, found more');
  });

  it('counts lines that end as on other systems', () => {
    expect(parseJson('{\r\n"a":\r1,\n"b": 2}', 'f').position(['b'], 'value')).toEqual({ line: 4, column: 6 });
  });

  it('may begin with a byte order mark, which takes no column', () => {
    const file = join(folder, 'mark.json');
    writeFileSync(file, '\uFEFF{"a": 1}');
    for (const source of [readJsonFile(file, 'f'), parseJson('\uFEFF{"a": 1}', 'f')]) {
      expect(source.data).toEqual({ a: 1 });
      expect(source.position(['a'], 'key')).toEqual({ line: 1, column: 2 });
    }
  });

  it('keeps keys that name what every object has', () => {
    const source = parseJson('{"__proto__": {"x": 1},\n"constructor": 2}', 'f');
    expect(Object.keys(source.data as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(source.position(['constructor'], 'value')).toEqual({ line: 2, column: 16 });
  });
});

describe('what is not JSON', () => {
  it.each([
    ['', '1:1 expected a value, found the end of the file'],
    ['{"a": 1\n "b": 2}', '2:2 expected `,` between two entries, found text'],
    ['{"a" 1}', '1:6 expected `:` after a key, found a number'],
    ['{"a":}', '1:6 expected a value, found `}`'],
    ['{"a": 1}}', '1:9 expected the end of the file, found `}`'],
    ['{"a": [1, 2}', '1:12 expected `,` between two entries, found `}`'],
    ['{a: 1}', '1:2 expected JSON, found a word without quotes'],
    ["{'a': 1}", '1:2 expected JSON, found text in other quotes; JSON has double quotes only'],
    ['{"a": None}', '1:7 expected JSON, found a word without quotes'],
    ['{"a": "x\n"}', '1:7 expected `"` at the end of this text, found the end of the line'],
    [
      '{"a": "C:\\x"}',
      '1:7 this text has a backslash before a character that JSON does not escape; write `\\\\` for one',
    ],
    ['{"a": 1.}', '1:7 this is not a number as JSON writes them'],
    ['/* {}', '1:1 expected `*/` at the end of this comment, found the end of the file'],
    ['[,]', '1:2 expected a value, found `,`'],
    ['{"a": 1e999}', '1:7 expected a number that can be held, found a larger one'],
    ['{"a": [{"b": 1,\n"b": 2}]}', '2:1 a[0].b: this key is in the object already, on line 1; remove one of the two'],
    [`${'['.repeat(101)}${']'.repeat(101)}`, '1:101 expected at most 100 levels of nesting, found more'],
  ])('%j is refused at its place', (text, expected) => {
    expect(faultOf(text)).toBe(expected);
  });

  it('names every key that is there twice', () => {
    const error = refusalOf(() => parseJson('{"a": 1, "a": 2,\n"b": 1, "b": 2, "b": 3}', 'f'));
    expect(error.issues.map(({ line, column }) => [line, column])).toEqual([
      [1, 10],
      [2, 9],
      [2, 17],
    ]);
    expect(error.message).toContain('f has 3 errors\nf:1:10 a: ');
  });

  it('is told as what it is when it is no file of text', () => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]));
    expect(refusalOf(() => readJsonFile(file, 'bad')).message).toContain('expected text in UTF-8');
    writeFileSync(file, `"${'x'.repeat(1_048_576)}"`);
    expect(refusalOf(() => readJsonFile(file, 'bad')).message).toContain('expected at most 1048576 bytes');
    expect(refusalOf(() => readJsonFile(join(folder, 'none'), 'none')).code).toBe('CONFIG_UNREADABLE');
    expect(refusalOf(() => readJsonFile(folder, 'folder')).message).toContain('it is a directory');
  });

  it('is never told by what is in it', () => {
    fc.assert(
      fc.property(fc.constantFrom('sesame', '"sesame', "'sesame'", '"\\qsesame"', '{"sesame"'), (secret) => {
        expect(refusalOf(() => parseJson(`{"a": ${secret}`, 'f')).message).not.toContain('sesame');
      }),
    );
  });

  it('is refused at a place inside it and in no other way, whatever it is', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-',
      'e9',
      'x',
      '\\',
      '//',
      '/*',
      '\n',
      ' ',
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(piece, { maxLength: 30 }), fc.array(fc.string({ unit: 'binary' }))), (pieces) => {
        const text = pieces.join('');
        const lines = text.split(/\r\n|\n|\r/);
        try {
          parseJson(text, 'f');
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          for (const { line = 0, column = 0 } of error.issues) {
            expect(line).toBeGreaterThan(0);
            expect(column).toBeGreaterThan(0);
            expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 2);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('any JSON', () => {
  /** As text with comments between its pieces, and where each value of it begins. */
  const written = (value: unknown, path: Path, places: Map<string, number>, start: number): string => {
    let text = '/* , */ ';
    places.set(JSON.stringify(path), start + text.length);
    if (typeof value !== 'object' || value === null) return text + JSON.stringify(value);
    const isList = Array.isArray(value);
    text += isList ? '[\n' : '{\n';
    for (const [key, item] of Object.entries(value)) {
      if (!isList) text += `${JSON.stringify(key)} : // "\n`;
      text += `${written(item, [...path, isList ? Number(key) : key], places, start + text.length)}\r\n,`;
    }
    return text + (isList ? ']' : '}');
  };

  it('is read as it is, and each value of it is found where it stands', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const places = new Map<string, number>();
        const text = written(value, [], places, 0);
        const source = parseJson(text, 'f');
        expect(source.data).toEqual(JSON.parse(JSON.stringify(value)));
        for (const [path, offset] of places) {
          const before = text.slice(0, offset).split(/\r\n|\n|\r/);
          const column = (before.at(-1)?.length ?? 0) + 1;
          expect(source.position(JSON.parse(path) as Path, 'value')).toEqual({ line: before.length, column });
        }
      }),
    );
  });
});

describe('an issue', () => {
  const found = (found: string): string => `found ${found}`;
  const source = parseJson('{"name": "x",\n "token": "sesame", "long": 1}', 'f');

  it('says where it is and what was found, secrets only by their length', () => {
    expect(source.issue(errorAt(['name'], found))).toEqual({
      file: 'f',
      line: 1,
      column: 10,
      path: 'name',
      message: 'found the string "x"',
      severity: 'error',
    } satisfies ConfigIssue);
    expect(source.issue(errorAt(['token'], found)).message).toBe('found a string of 6 characters');
    expect(source.issue(errorAt(['name'], found), true).message).toBe('found a string of 1 character');
  });

  it('has no place in data of a program', () => {
    const data = jsonFromData({ a: [1] }, 'the servers');
    expect(data.data).toEqual({ a: [1] });
    expect(data.position(['a'], 'value')).toBeUndefined();
    expect(data.issue(errorAt(['a', 0], found))).toEqual({
      path: 'a[0]',
      message: 'found the number 1',
      severity: 'error',
    });
    expect(refusalOf(() => jsonFromData({ a: () => 1 }, 'the servers')).message).toContain('a: expected JSON data');
  });
});
