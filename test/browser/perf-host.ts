import { createManager, definePlugin, silentLogger } from 'gatechart';
import { type AttachedInspector, attachInspector } from 'gatechart/inspect';

// The process that is looked at: many connections to one plugin server, and as many invocations as it is told.

/** What it is asked, over IPC; it answers each with one message. */
export type HostRequest =
  | { readonly do: 'attach' | 'detach' }
  /** Invocations a second; 0: none. */
  | { readonly do: 'pace'; readonly perSecond: number }
  /** How many there were of those for so long, and what that took. */
  | { readonly do: 'paced'; readonly ms: number }
  /** As many invocations as it can, for so long. */
  | { readonly do: 'measure'; readonly ms: number };

export interface HostAnswer {
  readonly url?: string;
  readonly perSecond?: number;
  /** Share of one core, in per cent. */
  readonly cpu?: number;
  readonly heapMb: number;
}

const [socket = '', count = '1000'] = process.argv.slice(2);

/** Every hundredth is blocked, every twentieth changed. */
let calls = 0;
const Local = definePlugin({
  hooks: {
    tool_pre_invoke(payload) {
      calls++;
      if (calls % 100 === 0)
        return { continueProcessing: false, violation: { reason: 'r', description: 'd', code: 'C' } };
      if (calls % 20 === 0) return { modifiedPayload: { ...payload, args: { n: calls } } };
      return undefined;
    },
  },
});

const hooks = ['tool_pre_invoke'];
const local = Array.from({ length: 5 }, (_none, n) => ({
  name: `local-${n}`,
  kind: 'Local',
  mode: 'sequential' as const,
  hooks,
}));
const remote = Array.from({ length: Number(count) }, (_none, n) => ({
  name: `remote-${n}`,
  kind: 'external',
  mode: 'sequential' as const,
  // On another hook: what is measured is looking, and not the socket.
  hooks: ['prompt_pre_fetch'],
  unix_socket: { path: socket },
}));
const manager = await createManager({
  config: { plugins: [...local, ...remote] },
  kinds: { Local },
  logger: silentLogger,
  startTimeoutMs: 120_000,
});

let inspector: AttachedInspector | undefined;
let requests = 0;
const invoke = (): Promise<unknown> =>
  manager.invokeHook('tool_pre_invoke', { name: 'echo', args: { text: 'hello' } }, { requestId: `r${requests++}` });

let timer: NodeJS.Timeout | undefined;
function pace(perSecond: number): void {
  clearInterval(timer);
  let [begun, done] = [performance.now(), 0];
  if (perSecond === 0) return;
  timer = setInterval(() => {
    const wanted = ((performance.now() - begun) * perSecond) / 1000;
    // What could not be done in a second is not made up for.
    if (wanted - done > perSecond) [begun, done] = [performance.now(), 0];
    for (; done < wanted; done++) void invoke();
  }, 10);
}

async function measure(ms: number): Promise<number> {
  const begun = performance.now();
  let done = 0;
  while (performance.now() - begun < ms) {
    // Several at once, and the loop is let go: sockets and timers have their turn.
    for (let batch = 0; batch < 10; batch++) await Promise.all(Array.from({ length: 8 }, invoke));
    done += 80;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (done * 1000) / (performance.now() - begun);
}

async function carriedOut(request: HostRequest): Promise<Partial<HostAnswer>> {
  switch (request.do) {
    case 'attach':
      inspector = await attachInspector(manager, { port: 0, logger: silentLogger });
      return { url: inspector.url() };
    case 'detach':
      await inspector?.close();
      return {};
    case 'pace':
      pace(request.perSecond);
      return {};
    case 'paced': {
      const [before, cpu] = [calls, process.cpuUsage()];
      await new Promise((resolve) => setTimeout(resolve, request.ms));
      const { user, system } = process.cpuUsage(cpu);
      return {
        perSecond: ((calls - before) * 1000) / request.ms / local.length,
        cpu: (user + system) / request.ms / 10,
      };
    }
    case 'measure':
      return { perSecond: await measure(request.ms) };
  }
}

process.on('message', (request: HostRequest) => {
  void carriedOut(request).then((answer) =>
    process.send?.({ ...answer, heapMb: process.memoryUsage().heapUsed / 2 ** 20 } satisfies HostAnswer),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ heapMb: 0 } satisfies HostAnswer);
