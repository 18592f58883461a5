import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Fixture } from './fixture.js';
import { startGatechartHost } from './gatechart-host.js';
import type { Host, Outcome } from './host.js';
import { transports } from './transports.js';
import { descendantsOf } from '../fixtures/processes/process-table.js';

const python = inject('python');

const context = { state: {}, metadata: {}, global_context: { request_id: 'request-1', state: {}, metadata: {} } };
const inFlight = 24;

/** Calls that each carry a tag; the plugin answers with it. */
class Load {
  readonly #host: Host;
  readonly #manager: string;
  readonly outcomes = new Map<string, Outcome>();
  started = 0;
  #stopping = false;
  #done: Promise<unknown> = Promise.resolve();

  constructor(host: Host, manager: string) {
    this.#host = host;
    this.#manager = manager;
  }

  start(): void {
    this.#done = Promise.all(Array.from({ length: inFlight }, () => this.#work()));
  }

  /** Settles when every call that was started has settled. */
  stop(): Promise<unknown> {
    this.#stopping = true;
    return this.#done;
  }

  answered(): number {
    return [...this.outcomes.values()].filter(({ result }) => result !== undefined).length;
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      const tag = `call ${++this.started}`;
      const payload = { name: 'tag', args: { tag, seconds: (this.started % 5) / 100 } };
      this.outcomes.set(tag, await this.#host.callPlugin(this.#manager, { hook: 'tool_pre_invoke', payload }, context));
      if (this.outcomes.get(tag)?.error !== undefined) await pause(50);
    }
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: string, check: () => boolean): Promise<void> {
  const deadline = performance.now() + 40_000;
  while (!check()) {
    if (performance.now() > deadline) throw new Error(`did not happen within 40 s: ${what}`);
    await pause(20);
  }
}

describe.runIf(python !== null)('our host, when their server is killed and started again under load', () => {
  let fixture: Fixture;
  let host: Host;
  beforeAll(() => {
    fixture = new Fixture(python ?? '');
    host = startGatechartHost();
  });
  afterAll(async () => {
    await host.close();
    await fixture.close();
  });

  test.for(transports)('over %s every call gets its own answer or an error', async (transport) => {
    const server = await fixture.serve('theirs', transport);
    const before = new Set(descendantsOf(process.pid));
    await host.open(transport, fixture.hostConfig(server), 20);
    // Over stdio the server is the child that opening started.
    const childrenOfOurs = (): number[] => descendantsOf(process.pid).filter((pid) => !before.has(pid));
    const load = new Load(host, transport);

    load.start();
    await until('answers before the kill', () => load.answered() >= 2 * inFlight);
    if (transport === 'stdio') for (const pid of childrenOfOurs()) process.kill(pid, 'SIGKILL');
    await server.kill();
    await server.start();
    const soFar = load.answered();
    await until('answers after the restart', () => load.answered() >= soFar + 2 * inFlight);
    await load.stop();

    expect(load.outcomes.size, 'calls that settled').toBe(load.started);
    for (const [tag, { result, error }] of load.outcomes) {
      if (result === undefined) expect(error, tag).toMatchObject({ message: expect.stringMatching(/./) });
      else expect(result, tag).toMatchObject({ modified_payload: { args: { answer: tag } } });
    }
    await host.closeManager(transport);
    await server.kill();
  });
});
