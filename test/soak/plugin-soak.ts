import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Random } from '../../src/time/clock.js';
import { freePort, listening } from '../bench/plugin-servers.js';
import { commandLine, serversBelow } from '../fixtures/processes/process-table.js';
import { Accounts, type Fault } from './accounts.js';
import { HeapWatch } from './heap-watch.js';
import { InProcessLoad } from './in-process-load.js';
import { Load } from './load.js';
import { startOddProxy } from './odd-proxy.js';
import { cli, config, ServerProcess } from './server-process.js';

/**
 * Calls over the four transports, while servers are killed, stopped and started again, messages are too large, and answers
 * are odd; and hooks in this process beside them.
 *
 * @returns whether no call was lost, answered with another's answer, or executed more often than allowed, no process is
 * left, and memory is flat
 */
export async function soakPlugins(durationMs: number, random: Random): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'gatechart-soak-'));
  const ledger = join(folder, 'ledger');
  writeFileSync(ledger, '');
  const startedAt = performance.now();
  const now = (): number => performance.now() - startedAt;
  const accounts = new Accounts(join(folder, 'calls'), now);
  const env = { PATH: process.env['PATH'], SOAK_LEDGER: ledger, PLUGINS_LOG_LEVEL: 'critical' };

  const [httpPort, grpcPort] = [await freePort(), await freePort()];
  const socket = join(folder, 'plugins.sock');
  const servers = {
    http: new ServerProcess(['--transport', 'http', '--port', String(httpPort)], env),
    unix: new ServerProcess(['--transport', 'unix', '--path', socket], env),
    grpc: new ServerProcess(['--transport', 'grpc', '--port', String(grpcPort)], env),
  };
  for (const server of Object.values(servers)) server.start();
  await Promise.all([listening({ port: httpPort }), listening({ path: socket }), listening({ port: grpcPort })]);
  const proxy = await startOddProxy(httpPort, random);

  const cmd = [process.execPath, cli, 'plugin-server', '--transport', 'stdio', '--config', config];
  const sections: Readonly<Record<string, Record<string, object>>> = {
    stdio: { mcp: { proto: 'STDIO', cmd, env: { ...env, SOAK_STDOUT: 'yes' } } },
    http: { mcp: { proto: 'STREAMABLEHTTP', url: `http://127.0.0.1:${proxy.port}/mcp` } },
    unix: { unix_socket: { path: socket } },
    grpc: { grpc: { target: `127.0.0.1:${grpcPort}` } },
  };
  const loads = Object.entries(sections).map(([transport, section]) => {
    return new Load({ transport, section, accounts, random, now });
  });
  const here = new InProcessLoad(random);
  await Promise.all([here.start(), ...loads.map((load) => load.start())]);
  const before = new Set(Object.values(servers).flatMap(({ pids }) => pids));

  const heap = new HeapWatch();
  const watching = setInterval(() => {
    const megabytes = heap.look().toFixed(1);
    console.log(
      `${(now() / 1000).toFixed(0)} s: ${accounts.settled} calls, ${here.settled} hooks in process, ${accounts.faults.length} faults, heap ${megabytes} MB`,
    );
  }, 15_000);

  while (now() < durationMs) {
    await setTimeout(1500 + random() * 3000);
    await fault(
      ['stdio', 'http', 'unix', 'grpc'][Math.floor(random() * 4)] ?? 'stdio',
      random() < 0.7 ? 'kill' : 'stop',
    );
  }
  clearInterval(watching);
  await Promise.all([here.stop(), ...loads.map((load) => load.stop())]);
  await proxy.close();
  heap.look();
  for (const server of Object.values(servers)) {
    if (server.endedByItself > 0) accounts.problems.push(`a server ended by itself ${server.endedByItself} times`);
    await server.kill();
  }
  for (const pid of serversBelow()) accounts.problems.push(`process ${pid} is left: ${commandLine(pid)}`);
  const { executedTwice } = accounts.balance(ledger);
  rmSync(folder, { recursive: true });

  accounts.problems.push(...here.problems);
  if (heap.grows) accounts.problems.push('the heap grows');
  console.table({
    ...accounts.outcomes,
    ...Object.fromEntries([...here.outcomes].toSorted(([a], [b]) => a.localeCompare(b))),
  });
  console.log(`${here.settled} hooks in this process`);
  console.log(`${accounts.settled} calls, ${accounts.faults.length} faults, ${executedTwice} calls executed twice`);
  const { settled, last } = heap.ends;
  console.log(
    `heap after garbage collection: ${settled.toFixed(1)} MB after a fifth of the time, ${last.toFixed(1)} MB at the end`,
  );
  for (const problem of accounts.problems.slice(0, 50)) console.error(problem);
  console.log(
    accounts.problems.length === 0
      ? 'nothing lost, nothing twice, memory is flat'
      : `${accounts.problems.length} PROBLEMS`,
  );
  return accounts.problems.length === 0;

  /** Kills a server and starts it again at once or a little later; or stops it for some seconds. */
  async function fault(transport: string, kind: 'kill' | 'stop'): Promise<void> {
    const entry: Fault = { transport, from: now(), to: Number.POSITIVE_INFINITY };
    accounts.faults.push(entry);
    const server = transport === 'stdio' ? undefined : servers[transport as keyof typeof servers];
    const pids = server?.pids ?? stdioServers();
    if (kind === 'stop') {
      for (const pid of pids) signal(pid, 'SIGSTOP');
      await setTimeout(200 + random() * 5000);
      for (const pid of pids) signal(pid, 'SIGCONT');
    } else if (server === undefined) {
      for (const pid of pids) signal(pid, 'SIGKILL');
    } else {
      await server.kill();
      await setTimeout(random() * 500);
      server.start();
      before.add(server.pids[0] ?? 0);
    }
    entry.to = now();
  }

  /** The children that connections over stdio have started. */
  function stdioServers(): number[] {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ').map(Number);
    return children.filter((pid) => pid > 0 && !before.has(pid));
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}
