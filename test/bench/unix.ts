import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inFlight, singles } from './calls.js';
import { contest, measurement, report } from './measurement.js';
import { listening, managerFor, serveEcho, servePlugins } from './plugin-servers.js';
import { context, payload } from './requests.js';

// What one request has on the wire, its length in front.
const frame = Buffer.alloc(100, 'x');

const folder = mkdtempSync(join(tmpdir(), 'gc-bench-'));
const paths = { ours: join(folder, 'o'), echo: join(folder, 'e') };
const children = [servePlugins('--transport', 'unix', '--path', paths.ours), serveEcho(paths.echo)];
await Promise.all([listening({ path: paths.ours }), listening({ path: paths.echo })]);

/** Writes a frame and waits until as many bytes have come back. */
const socket = connect({ path: paths.echo });
const waiting: (() => void)[] = [];
let bytes = 0;
socket.on('data', (chunk: Buffer) => {
  for (bytes += chunk.length; bytes >= frame.length; bytes -= frame.length) waiting.shift()?.();
});
const echo = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    socket.write(frame);
  });

{
  await using manager = await managerFor({ unix_socket: { path: paths.ours } });
  const call = (): Promise<unknown> => manager.invokeHook('tool_pre_invoke', payload, context);
  const [ours, reference] = await singles(call, echo);
  report([measurement('unix/1', 'µs', ours, reference)]);
  const many = await contest({ ours: inFlight(call), reference: inFlight(echo), count: 20_000 });
  report([measurement('unix/64', 'µs', many.ours, many.reference)]);
}
socket.destroy();
for (const child of children) child.kill();
rmSync(folder, { recursive: true });
