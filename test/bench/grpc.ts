import { Client, credentials } from '@grpc/grpc-js';
import { inFlight } from './calls.js';
import { compared, contest, report } from './measurement.js';
import { freePort, listening, managerFor, serveEcho, servePlugins } from './plugin-servers.js';
import { stayOnOneCore } from './processes.js';
import { answeredHook } from './requests.js';

stayOnOneCore();

const ports = { ours: await freePort(), echo: await freePort() };
const server = servePlugins('--transport', 'grpc', '--port', String(ports.ours));
const echoServer = serveEcho('-', String(ports.echo));
await Promise.all([listening({ port: ports.ours }), listening({ port: ports.echo })]);

const client = new Client(`127.0.0.1:${ports.echo}`, credentials.createInsecure());
// What a request has; an answer has a little less.
const message = Buffer.alloc(200, 'x');
const asIs = (bytes: Buffer): Buffer => bytes;
const echo = (): Promise<void> =>
  new Promise((resolve, reject) => {
    client.makeUnaryRequest('/Echo/Echo', asIs, asIs, message, (error) => (error === null ? resolve() : reject(error)));
  });

{
  await using manager = await managerFor({ grpc: { target: `127.0.0.1:${ports.ours}` } }, 'Answering');
  const { wall, cpu } = await contest({
    ours: inFlight(() => answeredHook(manager)),
    reference: inFlight(echo),
    count: 2_000,
    rounds: 9,
    processes: { ours: [server], reference: [echoServer] },
  });
  report([compared('grpc/64', 'µs', wall), compared('grpc/64-cpu (information)', 'µs', cpu)]);
}
client.close();
for (const child of [server, echoServer]) child.kill();
