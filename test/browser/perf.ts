import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { openPage, show, startBrowser } from './fixtures/browser.js';
import type { HostAnswer, HostRequest } from './perf-host.js';

// Frames a second and heap of the page, and what looking takes from the host: figures, and no test. Arguments: connections
// (default 1000), invocations a second (default 5000).

const [connections = '1000', perSecond = '5000'] = process.argv.slice(2);
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gatechart-perf-'));
const socket = join(folder, 'plugins.sock');

async function asked(host: ChildProcess, request: HostRequest): Promise<HostAnswer> {
  host.send(request);
  const [answer] = (await once(host, 'message')) as [HostAnswer];
  return answer;
}

/** Frames a second of the page for some seconds, the longest gap between two, and the heap. */
function frames(page: Page, ms: number): Promise<{ fps: number; longestMs: number; heapMb: number; nodes: number }> {
  return page.evaluate(`new Promise((resolve) => {
    const begun = performance.now();
    let [frames, last, longest] = [0, begun, 0];
    const frame = (now) => {
      frames++;
      longest = Math.max(longest, now - last);
      last = now;
      if (now - begun < ${ms}) return requestAnimationFrame(frame);
      resolve({
        fps: (frames * 1000) / (now - begun),
        longestMs: longest,
        heapMb: performance.memory.usedJSHeapSize / 2 ** 20,
        nodes: document.querySelectorAll('*').length,
      });
    };
    requestAnimationFrame(frame);
  })`);
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

writeFileSync(
  join(folder, 'quiet.mjs'),
  "import { definePlugin } from 'gatechart';\nexport const Quiet = definePlugin({ hooks: { prompt_pre_fetch: () => undefined } });\n",
);
mkdirSync(join(folder, 'node_modules'));
symlinkSync(file('../..'), join(folder, 'node_modules/gatechart'));
const quiet = Array.from(
  { length: Number(connections) },
  (_none, n) => `  - {name: remote-${n}, kind: ./quiet.mjs#Quiet, hooks: [prompt_pre_fetch]}\n`,
);
writeFileSync(join(folder, 'plugins.yaml'), `plugins:\n${quiet.join('')}`);
const cli = file('../../dist/src/cli/main.js');
const server = spawn(
  process.execPath,
  [cli, 'plugin-server', '--config', join(folder, 'plugins.yaml'), '--transport', 'unix', '--path', socket],
  { stdio: 'inherit' },
);
const browser = await startBrowser(['--enable-precise-memory-info']);
try {
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 50));
  const host = fork(file('./perf-host.ts'), [socket, connections], { execArgv: ['--import', 'tsx'] });
  await once(host, 'message');
  const { url = '' } = await asked(host, { do: 'attach' });
  await asked(host, { do: 'pace', perSecond: Number(perSecond) });
  const { page, errors } = await openPage(browser, url);
  print(`${connections} connections, ${perSecond} invocations a second`);
  for (const hash of ['#/overview', '#/connections', '#/invocations', '#/events', '#/plugins']) {
    await show(page, hash);
    await page.waitForTimeout(3_000);
    const { fps, longestMs, heapMb, nodes } = await frames(page, 10_000);
    print(
      `${hash.padEnd(14)} ${fps.toFixed(1)} frames/s, longest ${longestMs.toFixed(0)} ms, heap ${heapMb.toFixed(1)} MB, ${nodes} elements`,
    );
  }
  if (errors.length > 0) print(`errors: ${errors.join(', ')}`);
  const pacedText = async (kind: string): Promise<void> => {
    const { perSecond: rate = 0, cpu = 0, heapMb } = await asked(host, { do: 'paced', ms: 5_000 });
    print(
      `${kind.padEnd(14)} ${rate.toFixed(0)} invocations/s, ${cpu.toFixed(0)} % of a core, ${heapMb.toFixed(0)} MB`,
    );
  };
  await pacedText('paced, read');
  await page.context().close();
  await pacedText('paced, attached');
  await asked(host, { do: 'detach' });
  await pacedText('paced, alone');
  await asked(host, { do: 'pace', perSecond: 0 });
  const rates: Record<'alone' | 'attached' | 'read', number[]> = { alone: [], attached: [], read: [] };
  for (let round = 0; round < 6; round++) {
    const measured = async (kind: keyof typeof rates): Promise<void> => {
      const { perSecond: rate = 0 } = await asked(host, { do: 'measure', ms: 3_000 });
      // The first round warms up.
      if (round > 0) rates[kind].push(rate);
    };
    await measured('alone');
    const attached = await asked(host, { do: 'attach' });
    await measured('attached');
    const looking = await openPage(browser, attached.url ?? '');
    await measured('read');
    await looking.page.context().close();
    await asked(host, { do: 'detach' });
  }
  const median = (values: number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
  const alone = median(rates.alone);
  for (const [kind, values] of Object.entries(rates)) {
    const rate = median(values);
    print(
      `${kind.padEnd(14)} ${rate.toFixed(0)} invocations/s, ${((1 - rate / alone) * 100).toFixed(1)} % less than alone`,
    );
  }
  host.disconnect();
} finally {
  await browser.close();
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
