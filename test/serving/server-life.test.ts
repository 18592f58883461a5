import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { serverMachine } from '../../machines/index.js';
import { silentLogger } from '../../src/observability/logger.js';
import type { Endpoint } from '../../src/serving/endpoint.js';
import { openHttpServer } from '../../src/serving/http/http-server.js';
import { type Server, startServer, listenerSystem } from '../../src/serving/server.js';
import { openStdioEndpoint } from '../../src/serving/stdio/stdio-endpoint.js';
import { systemClock } from '../../src/time/clock.js';
import { openSession, post, rpc } from '../fixtures/hosting/raw-http.js';
import { WordService } from '../fixtures/serving/word-service.js';
import { EdgeCoverage } from '../models/edge-coverage.js';
import { smallLimits } from '../fixtures/serving/small-limits.js';

const names = { server: 'word server' };

it('real servers go through every state, by every edge but those of transports that break their promise', async () => {
  const coverage = new EdgeCoverage(serverMachine);
  const service = new WordService();
  const actors = listenerSystem(systemClock, silentLogger);
  actors.inspect(coverage.inspect);
  const start = (open: () => Promise<Endpoint>): Server =>
    startServer({
      name: names.server,
      open,
      release: () => Promise.resolve(),
      graceMs: 50,
      clock: systemClock,
      logger: silentLogger,
      actors,
    });
  const overHttp = (port = 0): Server =>
    start(() =>
      openHttpServer(
        { server: { host: '127.0.0.1', port } },
        { service, names, limits: smallLimits, logger: silentLogger, clock: systemClock },
      ),
    );

  const idle = overHttp();
  await idle.started;
  await idle.close();

  const busy = overHttp();
  const url = await busy.started;
  const call = rpc(2, 'tools/call', { name: 'wait', arguments: { ms: 60_000 } });
  const answer = post(url, call, { 'mcp-session-id': await openSession(url) }).catch(() => 'cut off');
  await vi.waitFor(() => expect(service.running).toBe(1));
  await busy.close();
  await answer;

  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const late = overHttp(typeof address === 'object' ? address?.port : undefined);
  await expect(late.started).rejects.toMatchObject({ code: 'SERVER_START_FAILED' });
  await late.closed;
  taken.close();

  const unwanted = overHttp();
  await unwanted.close();
  await expect(unwanted.started).rejects.toMatchObject({ code: 'SERVER_START_FAILED' });

  const streams = { stdin: new PassThrough(), stdout: new PassThrough() };
  const left = start(() =>
    openStdioEndpoint(streams, { service, client: 'the reader', limits: smallLimits, logger: silentLogger }),
  );
  await left.started;
  streams.stdin.end();
  streams.stdin.resume();
  await left.closed;

  expect(coverage.missing).toEqual([
    expect.stringMatching(/^server.draining on xstate.error.actor.*: server.closing$/),
    expect.stringMatching(/^server.closing on xstate.error.actor.*: server.releasing$/),
    expect.stringMatching(/^server.releasing on xstate.error.actor.*: server.stopped$/),
  ]);
  await vi.waitFor(() => expect(process.getActiveResourcesInfo().filter((kind) => /TCP/.test(kind))).toEqual([]));
});
