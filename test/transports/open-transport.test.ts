import { expect, it } from 'vitest';
import { openTransport } from '../../src/transports/mcp/open-transport.js';
import { systemClock } from '../../src/time/clock.js';
import { httpSettings, stdioServerFile } from '../fixtures/transports/transports.js';
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
  const transport = openTransport('s', server, dependencies);
  expect(transport).toMatchObject({ startsServer: true, target: `stdio node ${stdioServerFile}` });
  const link = await transport.open(new AbortController().signal);
  await link.close();
});

it('a server with a URL is called there, or on a socket', () => {
  const server = { proto: 'STREAMABLEHTTP', url: 'http://127.0.0.1:1/mcp' } as const;
  expect(openTransport('s', server, dependencies).target).toBe('http://127.0.0.1:1/mcp');
  const onSocket = openTransport('s', { ...server, url: 'http://localhost/mcp', uds: '/run/s' }, dependencies);
  expect(onSocket.target).toBe('http://localhost/mcp (uds=/run/s)');
});

it('a URL that requests must not go to is refused at once', () => {
  const server = { proto: 'STREAMABLEHTTP', url: 'http://169.254.169.254/mcp' } as const;
  expect(() => openTransport('s', server, dependencies)).toThrow(expect.objectContaining({ code: 'ADDRESS_REFUSED' }));
});
