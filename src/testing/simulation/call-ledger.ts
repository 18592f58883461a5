import { isRecord } from '../../json/records.js';
import type { Clock } from '../../time/clock.js';
import type { McpRequest } from '../../transports/mcp/mcp-messages.js';
import type { RequestOutcome } from '../../transports/transport.js';
import type { Admissions } from './admissions.js';
import type { Journal } from './journal.js';
import { checkFailure } from './failure-check.js';
import { callKey } from './server-words.js';
import type { SimulatedCall, SimulatedOutcome } from './simulated-call.js';

export interface CallLedgerOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly admissions: Admissions;
  /** Servers that may be starting at a time. */
  readonly maxStarts: number;
}

/** Milliseconds that timers may be late: deadlines of one length share one. */
const slackMs = 2;

/** Calls that are known after they have settled. */
const mostSettled = 1_000;

/** Knows of every call that is open, and holds what happens to it against what is promised. */
export class CallLedger {
  readonly open = new Map<string, SimulatedCall>();
  readonly #options: CallLedgerOptions;
  readonly #known = new Map<string, SimulatedCall>();
  readonly #byRequest = new Map<string, SimulatedCall>();
  readonly #settled: string[] = [];
  readonly #placesOf = new WeakMap<object, number>();
  #places = 0;
  #starting = 0;
  /** How often something changed that decides what is listed. */
  upheavals = 0;

  constructor(options: CallLedgerOptions) {
    this.#options = options;
  }

  get admissions(): Admissions {
    return this.#options.admissions;
  }

  upheaval(): void {
    this.upheavals++;
  }

  began(call: SimulatedCall): void {
    this.open.set(call.id, call);
    this.#known.set(call.id, call);
  }

  /** The clock jumped: what was due meanwhile is due now. */
  jumped(): void {
    const now = this.#options.clock.now();
    for (const call of this.open.values()) call.dueAt = Math.max(call.dueAt, now);
  }

  /** The call whose id is among the arguments of a hook, or whose hooks have run before under the id of a request. */
  ofHook(payload: unknown, requestId: string): SimulatedCall | undefined {
    const known = this.#byRequest.get(requestId);
    if (known !== undefined) return known;
    const args = isRecord(payload) ? payload['args'] : undefined;
    const id = isRecord(args) ? args['call'] : undefined;
    const call = typeof id === 'string' ? this.#known.get(id) : undefined;
    if (call === undefined) return undefined;
    call.requestId = requestId;
    this.#byRequest.set(requestId, call);
    return call;
  }

  /** A decision on a call was written down. */
  recorded(meta: unknown): void {
    const call = this.#callOf(meta);
    if (call !== undefined && ++call.recorded > 1)
      this.#options.journal.violate('settles-once', `call ${call.id} of ${call.owner} is written down twice`);
  }

  /** A server is being started. @returns what is called when that is over; more than once does nothing */
  starting(): () => void {
    const { maxStarts, journal } = this.#options;
    let isOver = false;
    if (++this.#starting > maxStarts)
      journal.violate('bounded', `${this.#starting} servers are starting at a time, of at most ${maxStarts}`);
    return () => {
      if (!isOver) this.#starting--;
      isOver = true;
    };
  }

  /** A call that is open, or has settled not long ago. */
  known(id: string): SimulatedCall | undefined {
    return this.#known.get(id);
  }

  /** The call was handed to the set of servers, once more perhaps. */
  handedOn(meta: unknown): void {
    const call = this.#callOf(meta);
    if (call !== undefined) call.place = ++this.#places;
  }

  /** A link was given the request of a call. @returns what the link says of it instead of sending it */
  sent(link: object, server: string, { params }: McpRequest): RequestOutcome | undefined {
    const { journal, admissions } = this.#options;
    const call = this.#callOf(params?.['_meta']);
    if (call === undefined) {
      journal.violate('admitted', `server ${server} is asked for something that no client asked for`);
      return undefined;
    }
    call.sent++;
    const { id, tool } = call;
    const asked = `call ${id} of ${call.owner} for ${tool} of ${call.server}`;
    if (call.isSettled) journal.violate('executions', `${asked} is sent after it has settled`);
    if (call.server !== server || params?.['name'] !== tool)
      journal.violate('admitted', `${asked} goes to ${String(params?.['name'])} of ${server}`);
    if (call.blockedBefore !== undefined)
      journal.violate('blocked', `${asked} was blocked by ${call.blockedBefore}, and is sent to the server`);
    const refusal = admissions.refusal(call);
    if (refusal !== undefined) journal.violate('admitted', `${asked} is sent to the server: ${refusal}`);
    if (call.listing?.is === 'unlisted' && call.listing.at === this.upheavals)
      journal.violate('listed-usable', `${asked} is sent to the server, and the tool was not listed`);
    this.#checkOrder(link, call, asked);
    this.#checkChanges(call, params?.['arguments'], asked);
    const answer = call.answers[Math.min(call.sent, call.answers.length) - 1] ?? call.answers[0];
    switch (answer.kind) {
      case 'notSent':
      case 'sessionLost':
      case 'cutOff':
      case 'refused':
        return answer.kind;
      default:
        return undefined;
    }
  }

  /** The request of a call has reached its server, which executes it. */
  reached(server: string, params: unknown): SimulatedCall | undefined {
    const call = this.#callOf(isRecord(params) ? params['_meta'] : undefined);
    if (call === undefined) return undefined;
    const { journal, admissions } = this.#options;
    call.executed++;
    const most = admissions.executions(call) * (1 + call.retries);
    journal.note(`${call.id} reaches ${server}, time ${call.executed}`);
    if (call.executed > most)
      journal.violate('executions', `call ${call.id} is executed ${call.executed} times, of at most ${most}`);
    return call;
  }

  /** A server has taken up one more call, and works on so many. */
  working(server: string, working: number): void {
    const most = this.#options.admissions.mostConcurrent(server);
    if (working > most)
      this.#options.journal.violate('bounded', `${working} calls are in flight to ${server}, of at most ${most}`);
  }

  settled(call: SimulatedCall, outcome: SimulatedOutcome): void {
    const { journal, clock } = this.#options;
    const asked = `call ${call.id} of ${call.owner}`;
    journal.note(`${call.id} settles: ${outcome.kind === 'failed' ? outcome.code : 'answered'}`);
    if (call.isSettled) journal.violate('settles-once', `${asked} settles twice`);
    call.isSettled = true;
    this.#forget(call);
    if (clock.now() > call.dueAt + slackMs)
      journal.violate('in-time', `${asked} settles ${clock.now() - call.dueAt} ms after its time was over`);
    if (outcome.kind === 'failed') return checkFailure(call, outcome, { journal, upheavals: this.upheavals });
    if (call.blockedAfter !== undefined)
      journal.violate('blocked', `${asked} was answered, and ${call.blockedAfter} has blocked the answer`);
    if (call.blockedBefore !== undefined)
      journal.violate('blocked', `${asked} was answered, and ${call.blockedBefore} has blocked it`);
    const { fields } = outcome;
    if (fields === undefined) return undefined;
    if (fields['call'] !== call.id || fields['owner'] !== call.owner)
      journal.violate(
        'own-answer',
        `${asked} gets the answer to ${String(fields['call'])} of ${String(fields['owner'])}`,
      );
    for (const [plugin, isSure] of call.retries === 0 ? call.changedAfter : [])
      if (isSure && fields[plugin] !== true)
        journal.violate('modified', `${asked}: what ${plugin} changed of the answer is lost`);
    return undefined;
  }

  /** Time has passed: no call is open any more whose time is over. */
  checkTimes(): void {
    const { clock, journal } = this.#options;
    const now = clock.now();
    for (const call of this.open.values())
      if (now > call.dueAt + slackMs)
        journal.violate('in-time', `call ${call.id} of ${call.owner} is open ${now - call.dueAt} ms after its time`);
  }

  /** Calls that have settled are known for a while, so that it is seen if something becomes of them still. */
  #forget({ id }: SimulatedCall): void {
    this.open.delete(id);
    this.#settled.push(id);
    if (this.#settled.length <= mostSettled) return;
    const oldest = this.#settled.shift();
    if (oldest === undefined) return;
    const requestId = this.#known.get(oldest)?.requestId;
    if (requestId !== undefined) this.#byRequest.delete(requestId);
    this.#known.delete(oldest);
  }

  #checkOrder(link: object, call: SimulatedCall, asked: string): void {
    const before = this.#placesOf.get(link) ?? 0;
    this.#placesOf.set(link, Math.max(before, call.place));
    if (call.place < before && call.sent === 1)
      this.#options.journal.violate('order', `${asked} is sent after one that came later`);
  }

  #checkChanges(call: SimulatedCall, args: unknown, asked: string): void {
    const given = isRecord(args) ? args : {};
    const { journal } = this.#options;
    if (call.hooked !== undefined && call.hooked !== JSON.stringify(given))
      journal.violate('modified', `${asked} is sent with other arguments than the hooks left of it`);
    for (const [plugin, isSure] of call.changedBefore)
      if (isSure && given[plugin] !== true)
        journal.violate('modified', `${asked}: what ${plugin} changed of it is lost`);
    for (const key of Object.keys(given))
      if (key !== 'call' && !call.changedBefore.has(key) && key in call.plugins)
        journal.violate('modified', `${asked}: ${key} has changed it, and may not`);
  }

  #callOf(meta: unknown): SimulatedCall | undefined {
    const id = isRecord(meta) ? meta[callKey] : undefined;
    return typeof id === 'string' ? this.#known.get(id) : undefined;
  }
}
