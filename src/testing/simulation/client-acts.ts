import { isRecord } from '../../json/records.js';
import { CallerSignal } from './caller-signal.js';
import type { SimulationAct } from './acts.js';
import { outcomeOfError, outcomeOfResult } from './outcome-reading.js';
import { callKey } from './server-words.js';
import type { SimulatedCall } from './simulated-call.js';
import { SimulatedClient } from './simulated-client.js';
import type { SimulationWorld } from './simulation-world.js';

type Act<Do extends SimulationAct['do']> = Extract<SimulationAct, { readonly do: Do }>;

/** Tools that a call asks for beside what its act says. */
interface Asked extends Pick<SimulatedCall, 'id' | 'server' | 'tool' | 'answers' | 'plugins'> {
  readonly listing?: 'listed' | 'unlisted';
  readonly isLast?: boolean;
}

/** Lets clients of a world do what acts say. */
export class ClientActs {
  readonly #world: SimulationWorld;
  readonly #generations = new Map<number, number>();
  /** Calls that have settled since somebody looked. */
  readonly settled: SimulatedCall[] = [];

  constructor(world: SimulationWorld) {
    this.#world = world;
  }

  come(slot: number): SimulatedClient {
    const { clients, plan, gateway, journal, ledger } = this.#world;
    const known = clients.get(slot);
    if (known !== undefined) return known;
    const generation = (this.#generations.get(slot) ?? 0) + 1;
    this.#generations.set(slot, generation);
    const agent = plan.agents[slot % plan.agents.length] ?? plan.agents[0];
    const client = new SimulatedClient({ id: `client${slot}.${generation}`, agent, gateway, journal, ledger });
    clients.set(slot, client);
    return client;
  }

  /** As a session does: its calls are cancelled, and then it is gone. */
  leave(slot: number): void {
    const { clients, ledger } = this.#world;
    const client = clients.get(slot);
    if (client === undefined) return;
    clients.delete(slot);
    for (const call of ledger.open.values()) if (call.owner === client.id) call.signal.abort();
    client.leave();
  }

  call({ client, server, tool, answers, plugins, cancelAfterMs }: Act<'call'>, index: number): void {
    const target = this.#serverAt(server);
    if (target === undefined) return;
    const asked = { id: `c${index}`, server: target.name, tool: at(target.tools, tool) ?? 'none', answers, plugins };
    const call = this.#begin(this.come(client), asked);
    if (cancelAfterMs !== undefined) this.#world.after(cancelAfterMs, () => call.signal.abort());
  }

  /** Calls a tool of each server. @param isLast whether every server is to answer: the first call may only wake one that was left alone */
  callAll(isLast: boolean): void {
    const answers = [{ kind: 'answers', afterMs: 1 }] as const;
    for (const [index, { name, tools }] of this.#world.plan.servers.entries()) {
      const [tool = 'none'] = tools;
      this.#begin(this.come(0), {
        id: `c${isLast ? '00' : '0'}${index}`,
        server: name,
        tool,
        answers,
        plugins: {},
        isLast,
      });
    }
  }

  /** Gives up the call that stands at a place among those that are open. */
  cancel(place: number): void {
    const open = [...this.#world.ledger.open.values()];
    if (open.length > 0) at(open, place)?.signal.abort();
  }

  probe({ client: slot, server, tool }: Act<'probe'>, index: number): void {
    const target = this.#serverAt(server);
    if (target === undefined) return;
    const { plan } = this.#world;
    const client = this.come(slot);
    const isOnDemand = plan.face === 'on-demand';
    const params = isOnDemand ? { name: 'get_server_tools', arguments: { server: target.name } } : {};
    const asked = client.request(isOnDemand ? 'tools/call' : 'tools/list', params, new CallerSignal());
    const looked = asked.then((result) => {
      const { structuredContent } = result;
      const holder = isOnDemand ? structuredContent : result;
      if (!isRecord(holder) || (isOnDemand && holder['error'] !== null)) return;
      const prefix = isOnDemand ? '' : `${target.prefix}__`;
      const names = new Set(namesIn(holder['tools']));
      const begin = (name: string | undefined, listing: 'listed' | 'unlisted'): void => {
        if (name === undefined) return;
        const id = `c${index}${listing === 'listed' ? 'a' : 'b'}`;
        const answers = [{ kind: 'answers', afterMs: 1 }] as const;
        this.#begin(client, { id, server: target.name, tool: name, answers, plugins: {}, listing });
      };
      begin(
        at(
          target.tools.filter((name) => names.has(prefix + name)),
          tool,
        ),
        'listed',
      );
      // Where one tool stands for all, what rules and entries let through may be called without being listed.
      if (!isOnDemand)
        begin(
          at(
            target.tools.filter((name) => !names.has(prefix + name)),
            tool,
          ),
          'unlisted',
        );
    });
    this.#world.track('probe', looked);
  }

  #begin(client: SimulatedClient, asked: Asked): SimulatedCall {
    const { clock, journal, ledger, plan } = this.#world;
    const { id, server, tool, listing, isLast = false } = asked;
    const signal = new CallerSignal();
    const { admissions } = ledger;
    // With all tools in one list, a call may have to wait first for servers to say what they have.
    const listMs = plan.face === 'transparent' ? admissions.longestMs : 0;
    const call: SimulatedCall = {
      ...asked,
      isLast,
      owner: client.id,
      agent: client.agent,
      signal,
      begunIn: journal.steps,
      dueAt: clock.now() + admissions.timeoutOf(server) + listMs,
      isSettled: false,
      sent: 0,
      executed: 0,
      requestId: undefined,
      recorded: 0,
      retries: 0,
      place: 0,
      heard: 0,
      blockedBefore: undefined,
      blockedAfter: undefined,
      hooked: undefined,
      changedBefore: new Map(),
      changedAfter: new Map(),
      since: admissions.now(),
      listing: listing === undefined ? undefined : { is: listing, at: ledger.upheavals },
    };
    ledger.began(call);
    journal.note(`${client.id} calls ${tool} of ${server}: ${id}`);
    const meta = { [callKey]: id, progressToken: id };
    const params =
      plan.face === 'on-demand'
        ? { name: 'execute_tool', arguments: { server, tool, args: { call: id } }, _meta: meta }
        : { name: `${this.#prefixOf(server)}__${tool}`, arguments: { call: id }, _meta: meta };
    client.request('tools/call', params, signal, call).then(
      (result) => this.#settle(call, outcomeOfResult(result)),
      (error: unknown) => this.#settle(call, outcomeOfError(error)),
    );
    return call;
  }

  #settle(call: SimulatedCall, outcome: ReturnType<typeof outcomeOfResult>): void {
    this.#world.ledger.settled(call, outcome);
    this.settled.push(call);
  }

  #serverAt(index: number): SimulationWorld['plan']['servers'][number] | undefined {
    return at(this.#world.plan.servers, index);
  }

  #prefixOf(server: string): string {
    return this.#world.plan.servers.find(({ name }) => name === server)?.prefix ?? server;
  }
}

function at<Value>(values: readonly Value[], index: number): Value | undefined {
  return values[index % values.length];
}

function namesIn(tools: unknown): string[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool: unknown) => (isRecord(tool) && typeof tool['name'] === 'string' ? [tool['name']] : []));
}
