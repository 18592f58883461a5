import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../../src/downstream/servers-file/env-file.js';
import { errorOf, folder } from '../../fixtures/downstream/servers-folder.js';

describe('an env file', () => {
  it.each<[string, Record<string, string>]>([
    ['', {}],
    ['A=1\nB=2', { A: '1', B: '2' }],
    ['\uFEFFA=1\r\nB = 2 \r', { A: '1', B: '2' }],
    ['# c\n\n  export A=1 # c\n\tB=a#b', { A: '1', B: 'a#b' }],
    ['A=\nB=#c\nC=""', { A: '', B: '', C: '' }],
    ["A='a # b'\nB=`it's`  # c\nC='\\n'", { A: 'a # b', B: "it's", C: '\\n' }],
    ['A="a\\nb\\t\\"c\\" \\$ \\\\ C:\\x"', { A: 'a\nb\t"c" $ \\ C:\\x' }],
    ['A="one\ntwo"\nB=x', { A: 'one\ntwo', B: 'x' }],
    ['A=${B}\nB=$C', { A: '${B}', B: '$C' }],
    ['A=1\nA=2', { A: '2' }],
    ['A=b=c\nA.b-c=1', { A: 'b=c', 'A.b-c': '1' }],
    ['A=it\'s "so"', { A: 'it\'s "so"' }],
  ])('%j holds %j', (text, variables) => {
    expect(parseEnvFile(text)).toEqual({ variables });
  });

  it.each([
    ['A=1\nsesame', 2, 'expected `NAME=value`'],
    ['=sesame', 1, 'expected `NAME=value`'],
    ['1A=sesame', 1, 'expected `NAME=value`'],
    ['A: sesame', 1, 'expected `NAME=value`'],
    ['\nA="sesame\nB=1', 2, 'expected `"` at the end of this value'],
    ["A='\nsesame' x", 2, 'expected nothing behind the quote that ends this value'],
  ])('%j is not understood in line %i', (text, line, problem) => {
    expect(parseEnvFile(text)).toEqual({ line, problem });
  });

  it('is told by its line, and nothing of it is shown', () => {
    writeFileSync(join(folder, 'bad.env'), 'A=1\nsesame\n');
    expect(errorOf({ command: 'x', envFile: 'bad.env' })).toBe(
      'servers.json:3:12 mcpServers.s.envFile: line 2 of the env file: expected `NAME=value`',
    );
    expect(errorOf({ command: 'x', envFile: 'none.env' })).toBe(
      'servers.json:3:12 mcpServers.s.envFile: the env file cannot be read: there is no such file',
    );
  });

  it('gives back what was written into it with quotes', () => {
    const name = fc.stringMatching(/^[A-Za-z_]\w{0,8}$/);
    const value = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\uFEFF]/g, ''));
    fc.assert(
      fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (variables) => {
        const text = Object.entries(variables).map(([key, held]) => `${key}="${held.replace(/["\\]/g, '\\$&')}" # c`);
        expect(parseEnvFile(text.join('\n'))).toEqual({ variables });
      }),
    );
  });

  it('of any text is read or refused at a line of it, in time in proportion to it', () => {
    const piece = fc.constantFrom('A', '=', '"', "'", '`', '#', '\n', ' ', '\\', 'export ', '\r\n', '$', '.');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const read = parseEnvFile(text);
        if ('line' in read) expect(read.line).toBeLessThanOrEqual(text.split(/\r\n?|\n/).length);
      }),
      { numRuns: 1_000 },
    );
    const started = performance.now();
    parseEnvFile(`A="${'\n'.repeat(60_000)}`);
    parseEnvFile(`${'\n'.repeat(60_000)}A="x"`);
    parseEnvFile(`A=${' #'.repeat(30_000)}`);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
