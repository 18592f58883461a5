// Opens a connection to each of so many plugins behind a Unix socket, and prints the longest stop of the event loop meanwhile.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { createManager, silentLogger } from 'gatechart';

const [path = '', count] = process.argv.slice(2);
const plugins = Array.from({ length: Number(count) }, (_, index) => ({
  name: `nothing-${index}`,
  kind: 'external',
  unix_socket: { path },
}));
// A timer of libuv each millisecond, which runs no JavaScript and keeps the loop from nothing: what it is late by is a stop.
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
await setTimeout(20);
delay.reset();
const began = performance.now();
const manager = await createManager({ config: { plugins }, env: {}, logger: silentLogger });
const took = performance.now() - began;
await setTimeout(20);
delay.disable();
const ready = manager.connections.filter(({ state }) => state.startsWith('ready')).length;
console.log(JSON.stringify({ stop: delay.max / 1e6, took, ready }));
await manager.close();
