import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { initialize, post, send } from '../fixtures/hosting/raw-http.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { cli, freePort, gatechart, startNode } from '../fixtures/processes/processes.js';
import { until } from '../fixtures/waiting.js';

let made: Certificates;
beforeAll(() => {
  made = makeCertificates();
});
afterAll(() => made.remove());

const token = 'a-token-of-this-test';

it('serves with TLS and limits as the file of --http says, on the port of the command line', async () => {
  const http = {
    port: 1,
    tls: { certfile: made.server.certfile, keyfile: made.server.keyfile, caBundle: made.ca.certfile, certReqs: 2 },
    limits: { maxMessageBytes: 2000 },
  };
  const folder = folderWith({ 'servers.json': '{ "mcpServers": {} }', 'http.json': JSON.stringify(http) });
  const port = await freePort();
  const args = [
    'serve',
    '--servers',
    'servers.json',
    '--transport',
    'http',
    '--http',
    'http.json',
    '--port',
    `${port}`,
  ];
  const gateway = startNode([cli, ...args], { cwd: folder, env: { HOME: folder, GATECHART_TOKEN: token } });
  const url = `https://127.0.0.1:${port}/mcp`;
  const certified = { ca: made.ca.cert, cert: made.client.cert, key: made.client.key };
  const health = url.replace('/mcp', '/health');
  await until('the gateway answers', async () => {
    if (gateway.child.exitCode !== null) throw new Error(gateway.stderr());
    return (await send(health, certified).catch(() => undefined))?.status === 200;
  });
  expect((await post(url, initialize, {}, certified)).status).toBe(401);
  const opened = await post(url, initialize, { authorization: `Bearer ${token}` }, certified);
  expect(opened.status).toBe(200);
  const large = initialize.replace('{', `{${' '.repeat(2000)}`);
  expect((await post(url, large, { authorization: `Bearer ${token}` }, certified)).status).toBe(413);
  await expect(post(url, initialize, { authorization: `Bearer ${token}` }, { ca: made.ca.cert })).rejects.toThrow();
  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toMatchObject({ code: 0, stdout: '' });
  expect(gateway.stderr()).not.toContain(token);
}, 30_000);

it.each([
  [['--http', 'http.json'], '--http is for --transport http'],
  [['--prefix', 'never'], '--prefix never is for --face transparent'],
  [['--face', 'transparent', '--envelope', 'reference'], '--envelope reference is for --face on-demand'],
  [['--face', 'transparent', '--debug'], '--debug is for --face on-demand, which offers get_gateway_status'],
  [['--transport', 'http', '--http', 'gone.json'], 'gone.json cannot be read: there is no such file'],
  [['--transport', 'http', '--http', 'http.json'], 'http.json:1:3 prot: unknown key; did you mean `port`?'],
])(
  'refuses %s with 2',
  async (args, problem) => {
    const folder = folderWith({ 'servers.json': '{ "mcpServers": {} }', 'http.json': '{ "prot": 1 }' });
    const { code, stdout, stderr } = await gatechart(['serve', '--servers', 'servers.json', ...args], {
      cwd: folder,
      env: { HOME: join(folder, 'home') },
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(problem);
    expect(stderr).not.toMatch(/\n\s+at /);
  },
  20_000,
);
