import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../../json/records.js';
import type { Clock } from '../../time/clock.js';
import type { ServerListing, ServerStart } from './acts.js';
import { answerCall, type CallOnServer } from './answered-call.js';
import type { CallLedger } from './call-ledger.js';
import { ChannelCensus } from './channel-census.js';
import { initializeAnswer, sayings, toolOf } from './server-words.js';
import type { ChannelEnd, SimulatedChannel } from './simulated-channel.js';
import type { Journal } from './journal.js';

/** What a scripted server is made of. */
export interface SimulatedServerOptions {
  readonly name: string;
  /** All tools that it may have; it has all of them at first. */
  readonly tools: readonly string[];
  readonly clock: Clock;
  readonly journal: Journal;
  readonly ledger: CallLedger;
}

/** An MCP server that does what a script says: on the far end of real connections. */
export class SimulatedServer implements ChannelEnd {
  readonly name: string;
  readonly clock: Clock;
  /** What its next starts and listings come to; after them all is well. */
  readonly starts: ServerStart[] = [];
  readonly listings: ServerListing[] = [];
  /** Milliseconds that its links take to end. */
  closeMs = 0;
  /** It does not answer pings. */
  isDeaf = false;
  readonly census: ChannelCensus;
  readonly #options: SimulatedServerOptions;
  readonly #channels = new Set<SimulatedChannel>();
  readonly #silent = new WeakSet<SimulatedChannel>();
  readonly #calls = new Map<SimulatedChannel, Map<unknown, CallOnServer>>();
  readonly #held: { readonly channel: SimulatedChannel; readonly arrive: () => void }[] = [];
  /** Nothing comes through, either way. */
  #isSplit = false;
  /** One of its tools is left out, a different one each time; none at 0. */
  #without = 0;

  constructor(options: SimulatedServerOptions) {
    this.name = options.name;
    this.clock = options.clock;
    this.#options = options;
    this.census = new ChannelCensus(options.name, options.journal);
  }

  /** Calls that it works on, as far as the other side knows. */
  get working(): number {
    let working = 0;
    for (const calls of this.#calls.values()) for (const call of calls.values()) if (!call.isOver) working++;
    return working;
  }

  get isSplit(): boolean {
    return this.#isSplit;
  }

  /** Tools that it has now. */
  get tools(): readonly string[] {
    const { tools } = this.#options;
    const left = this.#without === 0 ? undefined : tools[this.#without % tools.length];
    return tools.filter((tool) => tool !== left);
  }

  /** The channel that was opened last and is open still. */
  get newest(): SimulatedChannel | undefined {
    return [...this.#channels].at(-1);
  }

  opened(channel: SimulatedChannel): void {
    this.#channels.add(channel);
    this.#calls.set(channel, new Map());
  }

  left(channel: SimulatedChannel): void {
    this.#channels.delete(channel);
    this.#calls.delete(channel);
  }

  /** The product was told something: a message came through. */
  told(message: object): void {
    const { method } = Object(message) as { readonly method?: unknown };
    this.#options.journal.step(`${this.name} > ${typeof method === 'string' ? method : 'answer'}`);
  }

  receive(channel: SimulatedChannel, message: JSONRPCMessage): void {
    const { journal } = this.#options;
    const { id, method, params } = Object(message) as Record<string, unknown>;
    journal.step(`${this.name} < ${typeof method === 'string' ? method : 'answer'}`);
    if (this.#silent.has(channel)) return;
    if (method === 'notifications/cancelled') this.#cancelled(channel, params);
    else if (id !== undefined && typeof method === 'string') this.#answer(channel, id, method, params);
  }

  change(): void {
    this.#without++;
    for (const channel of this.#channels)
      channel.say({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }, 0);
  }

  /** Says something that nobody asked for, on the newest of its links. */
  say(what: number): void {
    this.newest?.say(sayings[what % sayings.length] ?? {}, 0);
  }

  /** A message is on its way, to the server or from it: it comes through when the network is whole. */
  pass(channel: SimulatedChannel, arrive: () => void): void {
    if (this.#isSplit) this.#held.push({ channel, arrive });
    else arrive();
  }

  /** From now on nothing comes through. */
  split(): void {
    this.#isSplit = true;
  }

  /** What was held up comes through, in the order in which it was sent. */
  heal(): void {
    this.#isSplit = false;
    for (const { channel, arrive } of this.#held.splice(0)) if (channel.isAlive) arrive();
  }

  /** From now on all is well. */
  recover(): void {
    this.starts.length = 0;
    this.listings.length = 0;
    this.closeMs = 0;
    this.isDeaf = false;
    this.heal();
  }

  #answer(channel: SimulatedChannel, id: unknown, method: string, params: unknown): void {
    switch (method) {
      case 'initialize':
        return this.#shakeHands(channel, id, params);
      case 'tools/list':
        return this.#list(channel, id);
      case 'tools/call':
        return this.#call(channel, id, params);
      case 'ping':
      case 'logging/setLevel':
        channel.say({ jsonrpc: '2.0', id, result: {} }, 0);
        return undefined;
      default:
        channel.say({ jsonrpc: '2.0', id, error: { code: -32_601, message: 'Method not found' } }, 0);
        return undefined;
    }
  }

  #shakeHands(channel: SimulatedChannel, id: unknown, params: unknown): void {
    const start = this.starts.shift() ?? { kind: 'starts', afterMs: 0 };
    switch (start.kind) {
      case 'starts': {
        channel.say(initializeAnswer(this.name, id, params), start.afterMs);
        const { livesMs } = start;
        if (livesMs !== undefined) channel.after(start.afterMs + livesMs, () => channel.die());
        return;
      }
      case 'isSilent':
        this.#silent.add(channel);
        return;
      case 'garblesHandshake':
        channel.say({ jsonrpc: '2.0', id, result: 'hello' }, 0);
        return;
      case 'refuses':
      case 'diesInHandshake':
        channel.after(0, () => channel.die());
    }
  }

  #list(channel: SimulatedChannel, id: unknown): void {
    const listing = this.listings.shift() ?? { kind: 'lists', afterMs: 0 };
    if (listing.kind === 'hangs') return;
    const { ledger } = this.#options;
    channel.after(listing.afterMs, () => {
      const answers = {
        lists: { result: { tools: this.tools.map((tool) => toolOf(tool)) } },
        fails: { error: { code: -32_000, message: 'no list today' } },
        garbles: { result: { tools: 'all of them' } },
      };
      ledger.upheaval();
      channel.say({ jsonrpc: '2.0', id, ...answers[listing.kind] }, 0);
    });
  }

  #call(channel: SimulatedChannel, id: unknown, params: unknown): void {
    const { ledger } = this.#options;
    const call = ledger.reached(this.name, params);
    if (call === undefined) return;
    const answer = call.answers[Math.min(call.executed, call.answers.length) - 1] ?? call.answers[0];
    this.#calls.get(channel)?.set(id, answerCall(channel, { id, params, call, answer }));
    ledger.working(this.name, this.working);
  }

  #cancelled(channel: SimulatedChannel, params: unknown): void {
    if (!isRecord(params)) return;
    this.#calls.get(channel)?.get(params['requestId'])?.cancel();
  }
}
