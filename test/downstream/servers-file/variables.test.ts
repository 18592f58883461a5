import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServers } from '../../../src/downstream/servers-file/read-servers.js';
import { entryOf, errorOf, folder } from '../../fixtures/downstream/servers-folder.js';

const env = { SET: 'value', EMPTY: '', NUMBER: '5000', DEEP: '${SET}', 'ODD(x86)': 'odd' };

/** What becomes of one argument. */
const filled = (text: string): unknown => {
  const { reach } = entryOf({ command: 'x', args: [text] }, { env });
  return reach.kind === 'stdio' ? reach.args[0] : reach;
};
const problem = (text: string): string =>
  errorOf({ command: 'x', args: [text] }, { env }).replace('servers.json:3:10 mcpServers.s.args[0]: ', '');

describe('a variable', () => {
  it.each([
    ['${SET}', 'value'],
    ['a ${SET}, ${SET}!', 'a value, value!'],
    ['${EMPTY}', ''],
    ['${ODD(x86)}', 'odd'],
    ['${env:SET}', 'value'],
    ['${SET:-other}', 'value'],
    ['${EMPTY:-other}', ''],
    ['${UNSET:-other}', 'other'],
    ['${UNSET:-}', ''],
    ['${UNSET:-a:-b c}', 'a:-b c'],
    ['${env:UNSET:-other}', 'other'],
    ['${DEEP}', '${SET}'],
    ['$SET $$ { } $', '$SET $$ { } $'],
    ['$${SET}', '$value'],
    ['${workspaceFolder}/x', `${folder}/x`],
    ['${userHome}', folder],
  ])('%s becomes %s', (text, expected) => {
    expect(filled(text)).toBe(expected);
  });

  const forms = '${NAME}, ${NAME:-default}, ${env:NAME}, ${file:PATH}, ${workspaceFolder} or ${userHome}';
  it.each([
    ['${UNSET}', 'the variable UNSET is not set; set it, or write what holds without it: ${UNSET:-default}'],
    ['${env:UNSET}', 'the variable UNSET is not set; set it, or write what holds without it: ${UNSET:-default}'],
    [
      '${__proto__}',
      'the variable __proto__ is not set; set it, or write what holds without it: ${__proto__:-default}',
    ],
    [
      '${constructor}',
      'the variable constructor is not set; set it, or write what holds without it: ${constructor:-default}',
    ],
    ['${input:key}', 'nobody is asked for ${input:key} here; set an environment variable and write ${NAME}'],
    ['${command:pick}', `\${command:…} is not known; expected ${forms}`],
    ['${config:a.b}', `\${config:…} is not known; expected ${forms}`],
    ['${A${SET}}', 'a variable stands inside another; only plain text can'],
    ['${UNSET:-${SET}}', 'a variable stands inside another; only plain text can'],
    ['${}', `expected the name of a variable in \`\${}\`, like ${forms}`],
    ['${a b}', `expected the name of a variable in \`\${}\`, like ${forms}`],
    ['${:-x}', `expected the name of a variable in \`\${}\`, like ${forms}`],
    ['a ${SET', `a variable begins with \`\${\` and has no \`}\`; expected ${forms}`],
    ['${file:}', 'expected the path of a file after `file:`'],
    ['${file:none}', 'the file none cannot be read: there is no such file'],
    ['${file:.}', 'the file . cannot be read: it is a directory'],
    ['${file:/dev/null}', 'the file /dev/null cannot be read: it is no regular file'],
  ])('%s is told: %s', (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  it('is filled in everywhere but in keys', () => {
    const keys = {
      command: '${SET}',
      env: { '${SET}': '${SET}' },
      timeout: '${NUMBER}',
      tools: { deny: ['${SET}_*'] },
    };
    expect(entryOf(keys, { env })).toMatchObject({
      reach: { command: 'value', env: { '${SET}': 'value' } },
      timeoutMs: 5_000,
      tools: { deny: ['value_*'] },
    });
    expect(entryOf({ url: 'https://${SET}.example/mcp', headers: { A: '${SET}' } }, { env }).reach).toMatchObject({
      url: 'https://value.example/mcp',
      headers: { A: 'value' },
    });
  });

  it('is told where it stands, beside what else is wrong, and never with what it holds', () => {
    const error = errorOf(
      { command: '${UNSET}', timeout: '${SECRET}', env: { A: '${SECRET}', B: 1 } },
      { env: { SECRET: 'sesame' } },
    );
    expect(error.split('\n')).toEqual([
      'servers.json:2:12 mcpServers.s.command: the variable UNSET is not set; set it, or write what holds without it: ${UNSET:-default}',
      'servers.json:3:12 mcpServers.s.timeout: expected milliseconds, 1 or more, found the string "${SECRET}"',
      'servers.json:4:29 mcpServers.s.env.B: expected a string, found a number; put it in quotes',
    ]);
  });

  it('can put in only so much of a file', () => {
    const big = { BIG: 'x'.repeat(100_000) };
    const args = Array<string>(40).fill('${BIG}');
    expect(entryOf({ command: 'x', args }, { env: big }).reach).toMatchObject({ kind: 'stdio' });
    expect(errorOf({ command: 'x', args: [...args, ...args] }, { env: big })).toContain(
      'the variables of this file hold more than 4194304 characters',
    );
  });
});

describe('a file that holds a value', () => {
  it('is read relative to the servers file or the home directory, without the line end behind it', () => {
    mkdirSync(join(folder, 'secrets'), { recursive: true });
    writeFileSync(join(folder, 'secrets', 'token'), 'sesame\n\n');
    writeFileSync(join(folder, 'crlf'), 'sesame\r\n');
    expect(filled('Bearer ${file:secrets/token}')).toBe('Bearer sesame\n');
    expect(filled(`\${file:${folder}/crlf}`)).toBe('sesame');
    expect(filled('${file:~/crlf}')).toBe('sesame');
  });

  it('is text of a bounded size', () => {
    writeFileSync(join(folder, 'large'), 'x'.repeat(65_537));
    writeFileSync(join(folder, 'huge'), '');
    truncateSync(join(folder, 'huge'), 2 ** 33);
    expect(problem('${file:huge}')).toBe('the file huge cannot be read: it has more than 65536 bytes');
    writeFileSync(join(folder, 'binary'), Buffer.from([0xff]));
    expect(problem('${file:large}')).toBe('the file large cannot be read: it has more than 65536 bytes');
    expect(problem('${file:binary}')).toBe('the file binary cannot be read: it is not text in UTF-8');
  });

  it('is among the files that matter, as is an env file, also where it is missing', () => {
    writeFileSync(join(folder, 'keys'), 'A=1');
    const read = (): readonly string[] =>
      readServers(
        { mcpServers: { a: { command: '${file:none}', envFile: 'keys' }, b: { command: 'x', envFile: './keys' } } },
        {
          cwd: folder,
        },
      ).files;
    expect(read()).toEqual([join(folder, 'none'), join(folder, 'keys')]);
  });
});

it('the workspace of a file in a folder of its client is what that folder is in', () => {
  const inside = join(folder, 'project', '.vscode');
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, 'mcp.json'), '{"servers": {"s": {"command": "${workspaceFolder}"}}}');
  const { entries } = readServers(join(inside, 'mcp.json'), { env: {} });
  expect(entries[0]?.reach).toMatchObject({ command: join(folder, 'project') });
});

describe('any value', () => {
  it('comes out of a variable as it went in, with what is around it', () => {
    const name = fc
      .stringMatching(/^[A-Za-z_]\w{0,8}$/)
      .filter((text) => !['workspaceFolder', 'userHome'].includes(text));
    const around = fc.string().filter((text) => !text.includes('${') && !text.endsWith('$'));
    // A byte order mark before a variable is no part of it.
    const value = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && !text.startsWith('\uFEFF'));
    fc.assert(
      fc.property(name, value, around, around, fc.constantFrom('', 'env:'), (key, held, before, after, kind) => {
        const text = `${before}\${${kind}${key}}${after}`;
        fc.pre(!text.includes('\0'));
        const { entries } = readServers(
          { mcpServers: { s: { command: 'x', args: [text] } } },
          { env: { [key]: held } },
        );
        expect(entries[0]?.reach).toMatchObject({ args: [before + held + after] });
      }),
    );
  });

  it('that is not set is told by its name, or replaced by its default', () => {
    const name = fc.stringMatching(/^[A-Z_]\w{0,8}$/);
    const fallback = fc.string().filter((text) => !/[}\0]/.test(text) && !text.includes('${'));
    fc.assert(
      fc.property(name, fallback, (key, instead) => {
        const args = [`\${${key}}`, `\${${key}:-${instead}}`];
        const { broken, entries } = readServers(
          { mcpServers: { a: { command: 'x', args: [args[0]] }, b: { command: 'x', args: [args[1]] } } },
          { env: {} },
        );
        expect(broken[0]?.error).toContain(`the variable ${key} is not set`);
        expect(entries[0]?.reach).toMatchObject({ args: [instead] });
      }),
    );
  });
});
