import { Client, credentials } from '@grpc/grpc-js';
import { inFlight } from './calls.js';
import { contest, measurement, report } from './measurement.js';
import { freePort, listening, managerFor, serveEcho, servePlugins } from './plugin-servers.js';
import { context, payload } from './requests.js';

const ports = { ours: await freePort(), echo: await freePort() };
const children = [
  servePlugins('--transport', 'grpc', '--port', String(ports.ours)),
  serveEcho('-', String(ports.echo)),
];
await Promise.all([listening({ port: ports.ours }), listening({ port: ports.echo })]);

const client = new Client(`127.0.0.1:${ports.echo}`, credentials.createInsecure());
const message = Buffer.alloc(100, 'x');
const asIs = (bytes: Buffer): Buffer => bytes;
const echo = (): Promise<void> =>
  new Promise((resolve, reject) => {
    client.makeUnaryRequest('/Echo/Echo', asIs, asIs, message, (error) => (error === null ? resolve() : reject(error)));
  });

{
  await using manager = await managerFor({ grpc: { target: `127.0.0.1:${ports.ours}` } });
  const call = (): Promise<unknown> => manager.invokeHook('tool_pre_invoke', payload, context);
  const many = await contest({ ours: inFlight(call), reference: inFlight(echo), count: 2_000, rounds: 9 });
  report([measurement('grpc/64', 'µs', many.ours, many.reference)]);
}
client.close();
for (const child of children) child.kill();
