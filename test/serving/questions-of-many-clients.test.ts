import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { defaultReplayLimits } from '../../src/serving/http/session-replay.js';
import { initialize, mcpHeaders, post, rpc, send } from '../fixtures/hosting/raw-http.js';
import { curiousOverHttp } from '../fixtures/serving/curious-servers.js';
import { smallLimits } from '../fixtures/serving/small-limits.js';

/** What one client does, at a time: asks to be asked, and then answers, refuses, cancels, leaves the connection, or its session. */
const step = fc.record({
  client: fc.nat(3),
  act: fc.constantFrom('answer', 'refuse', 'cancel', 'disconnect', 'leave', 'ignore', 'later'),
  delay: fc.nat(5),
});

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly message?: string; readonly requestId?: number };
  readonly result?: { readonly content: readonly { readonly text: string }[] };
  readonly error?: { readonly message: string };
}

/** Reads a stream of events as it comes. */
async function read(url: string, init: RequestInit, take: (message: Message) => void): Promise<void> {
  try {
    const { body } = await fetch(url, init);
    let text = '';
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^data: (.+)$/m.exec(event)?.[1];
        if (data !== undefined) take(JSON.parse(data));
      }
    }
  } catch {
    // It has gone away, or was sent away.
  }
}

/** A client that answers with the name that it has, and remembers what it was asked. */
class TestClient {
  readonly heard: Message[] = [];
  readonly asked: string[] = [];
  #lastId = 0;
  #session = '';
  readonly #url: string;
  readonly #name: string;
  readonly #open: string;
  readonly #streams = new Set<AbortController>();

  constructor(url: string, name: string, version: string) {
    this.#url = url;
    this.#name = name;
    this.#open = initialize
      .replace('2025-06-18', version)
      .replace('"capabilities":{}', '"capabilities":{"elicitation":{}}');
  }

  async start(): Promise<void> {
    const opened = await post(this.#url, this.#open);
    this.#session = String(opened.headers['mcp-session-id']);
    this.#listen({ headers: { ...this.#headers, accept: 'text/event-stream' } }, () => {});
  }

  async step(act: string, delay: number): Promise<void> {
    const id = ++this.#lastId;
    const message = `${this.#name} ${id}`;
    const name = act === 'later' ? 'askLater' : 'ask';
    const params = { name, arguments: { method: 'elicitation/create', params: { message } } };
    const stream = this.#listen(
      { method: 'POST', headers: { ...mcpHeaders, ...this.#headers }, body: rpc(id, 'tools/call', params) },
      () => void this.#react(act, id, stream).catch(() => {}),
    );
    await new Promise((resolve) => setTimeout(resolve, delay));
    if (act === 'leave' && delay % 2 === 0) {
      await send(this.#url, { method: 'DELETE', headers: this.#headers });
      await this.start();
    }
  }

  stop(): void {
    for (const stream of this.#streams) stream.abort();
  }

  get #headers(): Record<string, string> {
    return { 'mcp-session-id': this.#session };
  }

  #listen(init: RequestInit, react: () => void): AbortController {
    const stream = new AbortController();
    this.#streams.add(stream);
    void read(this.#url, { ...init, signal: stream.signal }, (message) => {
      this.heard.push(message);
      if (message.method !== 'elicitation/create') return;
      this.asked.push(String(message.params?.message));
      react();
      void this.#answer(message);
    });
    return stream;
  }

  async #react(act: string, id: number, stream: AbortController): Promise<void> {
    if (act === 'disconnect') stream.abort();
    if (act === 'cancel')
      await post(this.#url, rpc(undefined, 'notifications/cancelled', { requestId: id }), this.#headers);
    if (act === 'leave') await send(this.#url, { method: 'DELETE', headers: this.#headers });
  }

  async #answer({ id, params }: Message): Promise<void> {
    const number = Number(params?.message?.split(' ')[1]);
    if (number % 5 === 4) return;
    const answer = number % 3 === 2 ? { error: { code: 7, message: this.#name } } : { result: { of: params?.message } };
    await post(this.#url, JSON.stringify({ jsonrpc: '2.0', id, ...answer }), this.#headers).catch(() => {});
  }
}

it('clients never get the questions or answers of others, whatever they do, and every question settles once', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.boolean(), async (steps, resumable) => {
      const limits = {
        ...smallLimits,
        maxSessions: 50,
        maxCalls: 500,
        maxSessionCalls: 200,
        ...(resumable && { replay: { ...defaultReplayLimits, beginMs: 1 } }),
      };
      const server = await curiousOverHttp({ limits });
      const clients = ['ada', 'bob', 'cyd', 'dan'].map(
        (name, at) => new TestClient(server.url, name, at % 2 === 0 ? '2025-11-25' : '2025-06-18'),
      );
      await Promise.all(clients.map((client) => client.start()));
      for (const { client, act, delay } of steps) await clients[client]?.step(act, delay);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await server.close();
      for (const client of clients) client.stop();
      const { service } = server;
      // Each question has settled: with an answer, or for a reason.
      await vi.waitFor(() => expect(service.asked).toBe(service.answered.length + service.refused.length));
      expect(service.answered.map(({ question, answer }) => [question, answer])).toEqual(
        service.answered.map(({ question }) => [question, { of: question }]),
      );
      for (const [at, name] of ['ada', 'bob', 'cyd', 'dan'].entries()) {
        const { asked = [], heard = [] } = clients[at] ?? {};
        expect(asked.filter((question) => !question.startsWith(name))).toEqual([]);
        const told = heard.flatMap(({ result, error }) => [
          ...(result?.content ?? []).map(({ text }) => text),
          ...(error ? [error.message] : []),
        ]);
        expect(told.filter((text) => /ada|bob|cyd|dan/.test(text) && !text.includes(name))).toEqual([]);
      }
      answered += service.answered.length;
      expect([...service.open]).toEqual([]);
      expect(service.told.filter((what) => what === 'opened').length).toBe(
        service.told.filter((what) => what === 'closed').length,
      );
    }),
    { numRuns: 25 },
  );
  expect(answered).toBeGreaterThan(25);
}, 60_000);
