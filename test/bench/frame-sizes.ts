import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { PluginManager } from 'gatechart';

/** Bytes that one call has on the wire both ways, the lengths in front included. */
export interface FrameSizes {
  readonly request: number;
  readonly answer: number;
}

/**
 * Measures the frames of a call: lets a manager make two through a socket that counts what passes.
 *
 * @param path of the server's socket; beside it one is opened that counts
 */
export async function frameSizes(
  path: string,
  managerAt: (path: string) => Promise<PluginManager>,
  call: (manager: PluginManager) => Promise<unknown>,
): Promise<FrameSizes> {
  const counted = `${path}.counted`;
  let [request, answer] = [0, 0];
  const server = createServer((client) => {
    const onwards = connect({ path });
    client.on('data', (bytes) => {
      request += bytes.length;
    });
    onwards.on('data', (bytes) => {
      answer += bytes.length;
    });
    client.pipe(onwards).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(counted, resolve));
  const manager = await managerAt(counted);
  await call(manager);
  [request, answer] = [0, 0];
  await call(manager);
  const sizes = { request, answer };
  await manager.close();
  await new Promise((resolve) => server.close(resolve));
  rmSync(counted, { force: true });
  return sizes;
}
