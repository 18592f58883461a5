import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, test } from 'vitest';
import { createGateway, createServerSet, definePlugin, serveGateway, silentLogger } from '../../src/index.js';
import { readDashboard, sentQuery } from '../fixtures/gateway/dashboard.js';
import { startQuotingServer } from '../fixtures/gateway/quoting-server.js';
import { cleanups } from '../fixtures/cleanups.js';
import { external, start, stdio } from '../fixtures/manager/managers.js';
import { freePort } from '../fixtures/processes/processes.js';

const isInstalled = spawnSync('prometheus', ['--version']).status === 0;

/** What has nothing to show where all goes well and nothing was lost. */
const mayBeEmpty = ['Restarts', 'Sessions that ended'];

test.runIf(isInstalled)(
  'a real Prometheus scrapes a gateway, and has an answer to every query of the dashboard',
  async () => {
    const { url } = await startQuotingServer();
    const judge = definePlugin({
      hooks: {
        tool_pre_invoke: ({ args }) => {
          if (args?.['x'] === 'fail') throw new Error('out of order');
          if (args?.['x'] !== 'block') return undefined;
          return { continueProcessing: false, violation: { reason: 'r', description: 'd', code: 'NO' } };
        },
      },
    });
    // It knows no other tool.
    const entries = external(stdio()).plugins.map((entry) => ({ ...entry, conditions: [{ tools: ['echo'] }] }));
    const judged = { name: 'judge', kind: 'judge', hooks: ['tool_pre_invoke'] };
    const plugins = await start({ kinds: { judge }, config: { plugins: [judged, ...entries] } });
    const servers = await createServerSet({
      servers: { mcpServers: { q: { type: 'http', url } } },
      logger: silentLogger,
    });
    const gateway = await createGateway({ servers, plugins, face: 'transparent', metrics: true, logger: silentLogger });
    const port = await freePort();
    const served = await serveGateway(gateway, {
      transport: { kind: 'http', host: '127.0.0.1', port },
      logger: silentLogger,
      drainMs: 0,
    });
    cleanups.push(() => served.close());
    const client = new Client({ name: 'tester', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(served.address)));
    const ask = async (x: string) =>
      void (await client.callTool({ name: 'echo', arguments: { x } }).catch(() => undefined));
    const work = async () => {
      for (const x of ['a', 'block', 'fail']) await ask(x);
      await client.callTool({ name: 'soft', arguments: {} }).catch(() => undefined);
    };
    await work();

    const prometheus = await startPrometheus(port);
    const deadline = performance.now() + 40_000;
    const queries = readDashboard().panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({ title, expr })),
    );
    let empty: string[] = ['not asked'];
    while (empty.length > 0 && performance.now() < deadline) {
      await work();
      const answers = await Promise.all(
        queries.map(async ({ title, expr }) => ({ title, expr, result: await prometheus.ask(sentQuery(expr)) })),
      );
      empty = answers
        .filter(({ title, result }) => result.length === 0 && !mayBeEmpty.includes(title))
        .map(({ title, expr }) => `${title}: ${expr}`);
    }
    expect(empty).toEqual([]);
    await client.close();
  },
  60_000,
);

async function startPrometheus(scraped: number) {
  const folder = mkdtempSync(join(tmpdir(), 'gatechart-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'gatechart', static_configs: [{ targets: [`127.0.0.1:${scraped}`] }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const port = await freePort();
  const child: ChildProcess = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  cleanups.push(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    /** @throws where the query is none */
    async ask(query: string): Promise<readonly unknown[]> {
      const asked = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
      const response = await fetch(asked).catch(() => undefined);
      if (response === undefined || response.status === 503) return [];
      const answer = (await response.json()) as { status: string; error?: string; data: { result: unknown[] } };
      if (answer.status !== 'success') throw new Error(`${query}: ${answer.error}`);
      return answer.data.result;
    },
  };
}
