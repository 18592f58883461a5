import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openServerTransport } from '../../src/transports/mcp/open-server-transport.js';
import { cleanups } from '../fixtures/cleanups.js';
import { serve } from '../fixtures/transports/http-links.js';
import { talkOverSse } from '../fixtures/transports/talking-links.js';
import { openTransport } from '../../src/transports/mcp/open-transport.js';
import { systemClock } from '../../src/time/clock.js';
import { call, httpSettings, never, stdioServerFile } from '../fixtures/transports/transports.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

const dependencies = {
  env: process.env,
  baseDir: '/',
  http: httpSettings,
  logger: recordingLogger(),
  clock: systemClock,
  random: Math.random,
};

it('a server with a command is started, in the folder that was given', async () => {
  const server = { proto: 'STDIO', cmd: [process.execPath, stdioServerFile], cwd: 'tmp' } as const;
  const transport = await openTransport('s', server, dependencies);
  expect(transport).toMatchObject({ startsServer: true, target: `stdio node ${stdioServerFile}` });
  const link = await transport.open(new AbortController().signal);
  await link.close();
});

it('a server with a URL is called there, or on a socket', async () => {
  const server = { proto: 'STREAMABLEHTTP', url: 'http://127.0.0.1:1/mcp' } as const;
  expect((await openTransport('s', server, dependencies)).target).toBe('http://127.0.0.1:1/mcp');
  const onSocket = await openTransport('s', { ...server, url: 'http://localhost/mcp', uds: '/run/s' }, dependencies);
  expect(onSocket.target).toBe('http://localhost/mcp (uds=/run/s)');
});

it('a URL that requests must not go to is refused at once', async () => {
  const server = { proto: 'STREAMABLEHTTP', url: 'http://169.254.169.254/mcp' } as const;
  await expect(openTransport('s', server, dependencies)).rejects.toThrow(
    expect.objectContaining({ code: 'ADDRESS_REFUSED' }),
  );
});

describe('a server of a servers file', () => {
  const stdio = { kind: 'stdio', command: process.execPath, cwd: undefined, env: {} } as const;
  const shown = 'console.error(JSON.stringify([process.env, process.argv.slice(1), process.cwd()]))';

  it('is started with its own variables, and a few of ours that are no secrets', async () => {
    const logger = recordingLogger();
    // npm makes it long, and a line of standard error is cut.
    const PATH = dirname(process.execPath);
    const env = { ...process.env, PATH, SECRET_TOKEN: 'secret', TERM: '() { echo; }', HOME: '/home/me', LANG: 'C' };
    const transport = openServerTransport(
      's',
      { ...stdio, args: ['-e', shown, 'secret', ''], env: { OWN: '1' }, cwd: '/tmp' },
      {},
      { ...dependencies, env, logger },
    );
    expect(transport).toMatchObject({ target: 'stdio node …', startsServer: true });
    await expect(transport.open(never)).rejects.toMatchObject({
      code: 'LINK_LOST',
      message: expect.stringContaining('s: the MCP server (stdio node …) exited with code 0'),
    });
    const line = logger.lines.find(({ message }) => message === 'stderr of MCP server')?.fields?.['stderr'];
    const [given, args, folder] = JSON.parse(String(line));
    expect(given).toEqual({ OWN: '1', HOME: '/home/me', PATH, ...present(['LOGNAME', 'SHELL', 'USER']) });
    expect(args).toEqual(['secret', '']);
    expect(folder).toBe('/tmp');
  });

  it('gets what is set for it over HTTP, at its URL or on a socket with the path of it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatechart-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const socketPath = join(folder, 's.sock');
    const server = await serve({ uds: socketPath });
    const address = { kind: 'http', url: 'http://localhost/mcp?x=1', socketPath, headers: { 'X-Key': 'k' } } as const;
    const options = {
      clientCapabilities: { roots: {} },
      clientInfo: { name: 'me', version: '1' },
      maxMessageBytes: 1000,
    };
    const transport = openServerTransport('s', address, options, dependencies);
    expect(transport.target).toBe(`http://localhost/mcp (uds=${socketPath})`);
    const link = await transport.open(never);
    cleanups.push(() => link.close());
    await call(link, 'echo');
    await expect(call(link, 'large', { bytes: 5000 })).rejects.toMatchObject({ cause: { code: 'MESSAGE_TOO_LARGE' } });
    expect(server.seen[0]).toMatchObject({
      path: '/mcp?x=1',
      headers: { 'x-key': 'k', host: 'localhost' },
      message: { params: { capabilities: { roots: {} }, clientInfo: { name: 'me' } } },
    });
  });

  it('is spoken to over the older transport if it says so, with a login', async () => {
    const { server } = await talkOverSse();
    const authorization = { header: async () => 'Bearer t', refused: async () => 'no' as const };
    const address = { kind: 'sse', url: server.url, socketPath: undefined, headers: {} } as const;
    const link = await openServerTransport('s', address, { authorization }, dependencies).open(never);
    cleanups.push(() => link.close());
    expect(server.seen.at(-1)?.headers.authorization).toBe('Bearer t');
    const refused = { ...address, url: 'http://169.254.169.254/sse' };
    expect(() => openServerTransport('s', refused, {}, dependencies)).toThrow(
      expect.objectContaining({ code: 'ADDRESS_REFUSED' }),
    );
  });
});

function present(names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
