import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { refusalOf, refusalOfFile, temporaryFolder } from '../fixtures/config/refusal.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const withUrl = (url: string) => ({
  plugins: [{ name: 'a', kind: 'external', mcp: { proto: 'STREAMABLEHTTP', url } }],
});
const scheme = /^expected a URL that starts with http:\/\/ or https:\/\//;
const spaces = 'a URL must not contain spaces, control characters or backslashes';
const markup = 'a URL must not contain markup';
const scripts = 'a URL must not contain scripts or other URLs that run as one';
const nowhere = 'the unspecified address is nowhere to connect to; name the host, or 127.0.0.1 for this machine';

describe('the URL of a plugin server is refused at load, with its position', () => {
  it.each<[string, string | RegExp]>([
    [`http://h/${'a'.repeat(2040)}`, 'expected a URL of at most 2048 characters, found 2049'],
    [`http://h/?q=${'%61'.repeat(700)}`, 'expected a URL of at most 2048 characters, found 2112'],
    ['http://h/a\nb', spaces],
    ['http://h/\r\nX-Header: 1', spaces],
    ['http://h/\tb', spaces],
    ['http://h/\u0000', spaces],
    ['http://h/\u007f', spaces],
    ['http://h/\u0085', spaces],
    ['http://h/\u2028', spaces],
    ['http://h\u200b/', spaces],
    [' http://h/', spaces],
    ['http://h/ ', spaces],
    ['http://h /', spaces],
    ['http://h\\@evil/', spaces],
    ['http://h/%0d%0aX: 1'.replace(' ', ''), 'a URL must not contain control characters, encoded ones included'],
    ['http://h/%00', 'a URL must not contain control characters, encoded ones included'],
    ['http://h:0/mcp', 'expected a port from 1 to 65535, found 0'],
    ['https://h:00/mcp', 'expected a port from 1 to 65535, found 0'],
    ['http://h:65536/', scheme],
    ['http://h:-1/', scheme],
    ['http://', scheme],
    ['javascript:alert(1)', scheme],
    ['JavaScript:alert(1)', scheme],
    ['data:text/html,x', scheme],
    ['file:///etc/passwd', scheme],
    ['ftp://h/', scheme],
    ['ws://h/', scheme],
    ['//h/', scheme],
    ['h:8000', scheme],
    ['http://h/?next=javascript:alert(1)', scripts],
    ['http://h/?next=JAVASCRIPT:alert(1)', scripts],
    ['http://h/?next=javascript%3Aalert(1)', scripts],
    ['http://h/#data:text/html,x', scripts],
    ['http://h/vbscript:x', scripts],
    ['http://h/?a=onload=x', scripts],
    ['http://h/<script>alert(1)</script>', markup],
    ['http://h/?q=<b>', markup],
    ['http://h/%3Cscript%3E', markup],
    ['http://h/?q=%3cimg', markup],
    ['http://0.0.0.0/', nowhere],
    ['http://0.0.0.0:8000/mcp', nowhere],
    ['http://0/', nowhere],
    ['http://0x0/', nowhere],
    ['http://0.1.2.3/', nowhere],
    ['http://000.000.000.000/', nowhere],
    ['http://0.0.0.0./', nowhere],
    ['http://[::]/', nowhere],
    ['http://[0:0::0]:80/', nowhere],
    ['http://[::ffff:0.0.0.0]/', nowhere],
    ['http://me:pass@h/', 'a URL must not contain credentials; give them to the server another way'],
  ])('%j', (url, message) => {
    const yaml = `plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: ${JSON.stringify(url)}\n`;
    for (const error of [refusalOfFile(folder, yaml), refusalOf(() => loadConfig(withUrl(url), { env: {} }))]) {
      expect(error.issues.map(({ message }) => message)).toContainEqual(
        typeof message === 'string' ? message : expect.stringMatching(message),
      );
      expect(error.issues.every(({ path }) => path === 'plugins[0].mcp.url')).toBe(true);
      expect(error.message).not.toContain('pass@');
    }
    expect(refusalOfFile(folder, yaml).issues[0]).toMatchObject({ line: 6, column: 10 });
  });

  it.each([
    'http://127.0.0.1:8000/mcp',
    'http://localhost:1/',
    'https://h:65535/a/b?x=1&y=2#z',
    'http://[::1]:8000/mcp',
    'http://data:8000/mcp',
    'http://file/mcp',
    'http://10.0.0.1/mcp',
    'http://h/online=1',
    'http://h/?q=a b',
    'http://h/?q=%C3%A4%20',
    'http://straße.example/mcp',
    `http://h/${'a'.repeat(2039)}`,
  ])('but not %s', (url) => {
    expect(loadConfig(withUrl(url), { env: {} }).config.plugins[0]?.mcp?.url).toBe(url);
  });
});

describe('the target of a gRPC server is refused at load, with its position', () => {
  it.each([
    'h',
    'h:',
    ':1',
    'h:0',
    'h:65536',
    'h:99999',
    'h:1x',
    'h h:1',
    'h\n:1',
    'h\u0000:1',
    '<b>:1',
    'me@h:1',
    `${'h'.repeat(2048)}:1`,
  ])('%j', (target) => {
    const plugins = [{ name: 'a', kind: 'external', grpc: { target } }];
    const error = refusalOf(() => loadConfig({ plugins }, { env: {} }));
    expect(error.issues).toEqual([
      expect.objectContaining({
        path: 'plugins[0].grpc.target',
        message: expect.stringContaining('expected host:port'),
      }),
    ]);
  });

  it.each(['h:1', '127.0.0.1:50051', '[::1]:65535', 'dns:///h:50051'])('but not %s', (target) => {
    const plugins = [{ name: 'a', kind: 'external', grpc: { target } }];
    expect(loadConfig({ plugins }, { env: {} }).config.plugins[0]?.grpc?.target).toBe(target);
  });
});

describe('the environment of a child process', () => {
  const withEnv = (env: unknown) => ({
    plugins: [{ name: 'a', kind: 'external', mcp: { proto: 'STDIO', cmd: ['a'], env } }],
  });

  it.each<[string, unknown, string, string]>([
    ['that is empty', {}, 'plugins[0].mcp.env', 'expected at least one variable, found an empty map; leave `env` out'],
    ['with an empty name', { '': 'x' }, 'plugins[0].mcp.env[""]', 'expected the name of a variable, without `=`'],
    ['with a blank name', { ' ': 'x' }, 'plugins[0].mcp.env[" "]', 'expected the name of a variable, without `=`'],
    ['with a name of two', { 'A=B': 'x' }, 'plugins[0].mcp.env["A=B"]', 'expected the name of a variable, without `=`'],
    ['with a null character', { A: 'x\0y' }, 'plugins[0].mcp.env.A', 'a variable must not contain null characters'],
    ['with a number', { A: 1 }, 'plugins[0].mcp.env.A', 'expected a string, found a number; put it in quotes'],
    ['that is a list', ['A=1'], 'plugins[0].mcp.env', 'expected a map of strings, found a list'],
  ])('%s is refused', (_, env, path, message) => {
    expect(refusalOf(() => loadConfig(withEnv(env), { env: {} })).issues).toEqual([
      { path, message, severity: 'error' },
    ]);
  });

  it('that is empty is refused on its line', () => {
    const error = refusalOfFile(
      folder,
      'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n    cmd: [a]\n    env: {}\n',
    );
    expect(error.issues).toEqual([expect.objectContaining({ line: 7, column: 10, path: 'plugins[0].mcp.env' })]);
  });

  it('may be null, or hold an empty value', () => {
    expect(loadConfig(withEnv(null), { env: {} }).config.plugins[0]?.mcp).not.toHaveProperty('env');
    expect(loadConfig(withEnv({ A: '' }), { env: {} }).config.plugins[0]?.mcp?.env).toEqual({ A: '' });
  });
});
