import type { DownstreamOptions, Listed, ServerList, ServerSet } from '../../downstream/server-set-api.js';
import type { Logger } from '../../observability/logger.js';
import type { Admission } from '../call/call-refusals.js';
import type { Rules } from '../rules/rules.js';
import { quoted } from './quoted-text.js';
import { cleanItem } from './text-cleaning.js';

/** What an agent is offered of the tools of one server. */
export interface ToolOffer {
  /** In the order of the server, as it gave them but for hidden characters in their texts. */
  readonly items: readonly Listed[];
  readonly isStale: boolean;
}

/** Looks at tools on their way to an agent, and at whether one of them may be called: pins, the hook over lists. */
export interface OfferStage {
  /** Whether it has something to say of this server: if not, a call needs no list. */
  isOn(server: string): boolean;
  /** Whether it says something else to one viewer than to another. */
  dependsOnViewer(): boolean;
  offer(viewer: OfferViewer, server: string, tools: readonly Listed[]): readonly Listed[] | Promise<readonly Listed[]>;
  /** What an agent is told that calls what this stage left out. */
  refusal(tool: string, server: string): string;
}

/** Whoever looks at an offer. */
export interface OfferViewer {
  readonly agent: string | undefined;
  /** Who has proven who they are. */
  readonly user: string | undefined;
  /** For the session that the list is asked for on. */
  readonly options: DownstreamOptions;
}

export interface ToolOffersDependencies {
  readonly servers: ServerSet;
  /** Undefined where there are no rules. */
  readonly rules: () => Rules | undefined;
  /** Whether the entry of a server lets a tool through, and which part of it decided. */
  readonly filterOf: (server: string) => (tool: string) => Admission;
  readonly stages: readonly OfferStage[];
  readonly logger: Logger;
}

interface FitList {
  readonly fit: readonly Listed[];
  /** Names of those that are not shown. */
  readonly refused: ReadonlySet<unknown>;
}

/** Sentences on odd tools that are told. */
const mostTold = 1000;

/** What agents are offered, and whether they may call it: the same functions decide both. */
export class ToolOffers {
  readonly #dependencies: ToolOffersDependencies;
  readonly #told = new Set<string>();
  /** What is left of a list whoever asks: fit to be shown. */
  readonly #fit = new WeakMap<readonly Listed[], FitList>();

  constructor(dependencies: ToolOffersDependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether two viewers of the same agent may be offered different tools. */
  get dependsOnViewer(): boolean {
    return this.#dependencies.stages.some((stage) => stage.dependsOnViewer());
  }

  /** @throws what `ServerSet.list` throws */
  async offer(viewer: OfferViewer, server: string): Promise<ToolOffer> {
    const list = await this.#dependencies.servers.list(server, 'tools', viewer.options);
    let items = this.#admitted(viewer.agent, server, list);
    for (const stage of this.#stagesOn(server)) items = await stage.offer(viewer, server, items);
    return { items, isStale: list.isStale };
  }

  /** Whether an agent may use a server at all. */
  admitServer(agent: string | undefined, server: string): Admission {
    const rules = this.#dependencies.rules();
    if (rules === undefined) return unruled;
    const { allowed, rule, reason } = rules.server(agent ?? '', server);
    if (allowed) return { allowed, rule, reason };
    return { allowed, rule, reason: `Agent '${agent ?? ''}' cannot access server '${server}'` };
  }

  /**
   * Whether an agent may call a tool of a server that it may use. Needs the list of the server only where a stage has
   * something to say.
   *
   * @param viewerOf who asks, for those who look at lists
   */
  admitTool(
    agent: string | undefined,
    server: string,
    tool: string,
    viewerOf: () => OfferViewer,
  ): Admission | Promise<Admission> {
    const admission = this.#admitName(agent, server, tool);
    if (!admission.allowed) return admission;
    if (this.#isStaged(server)) return this.#admitOffered(viewerOf(), server, tool, admission);
    return this.#isUnfit(server, tool) ? notOffered(server, tool) : admission;
  }

  #admitName(agent: string | undefined, server: string, tool: string): Admission {
    const rules = this.#dependencies.rules();
    const { allowed, rule, reason } = rules?.tool(agent ?? '', server, tool) ?? unruled;
    if (!allowed) {
      const text = `Agent '${agent ?? ''}' not authorized to call tool '${tool}' on server '${server}'`;
      return { allowed, rule, reason: text };
    }
    const filtered = this.#dependencies.filterOf(server)(tool);
    return filtered.allowed ? { allowed, rule, reason } : filtered;
  }

  /** Whether it is known that the server lists the tool in a way that must not be shown. */
  #isUnfit(server: string, tool: string): boolean {
    const { servers } = this.#dependencies;
    const items = servers.known(server, 'tools')?.items;
    return items !== undefined && this.#fitToShow(server, items).refused.has(tool);
  }

  #isStaged(server: string): boolean {
    for (const stage of this.#dependencies.stages) if (stage.isOn(server)) return true;
    return false;
  }

  async #admitOffered(viewer: OfferViewer, server: string, tool: string, admission: Admission): Promise<Admission> {
    const list = await this.#dependencies.servers.list(server, 'tools', viewer.options);
    let items = this.#admitted(viewer.agent, server, list);
    if (!items.some(({ name }) => name === tool)) return notOffered(server, tool);
    for (const stage of this.#stagesOn(server)) {
      items = await stage.offer(viewer, server, items);
      if (items.some(({ name }) => name === tool)) continue;
      return { allowed: false, rule: undefined, reason: stage.refusal(tool, server), code: 'TOOL_NOT_FOUND' };
    }
    return admission;
  }

  #stagesOn(server: string): readonly OfferStage[] {
    return this.#dependencies.stages.filter((stage) => stage.isOn(server));
  }

  #admitted(agent: string | undefined, server: string, list: ServerList): readonly Listed[] {
    if (!this.admitServer(agent, server).allowed) return [];
    return this.#fitToShow(server, list.items).fit.filter(
      ({ name }) => typeof name === 'string' && this.#admitName(agent, server, name).allowed,
    );
  }

  /** Each list is cleaned once, and what was found in it told once. */
  #fitToShow(server: string, items: readonly Listed[]): FitList {
    const known = this.#fit.get(items);
    if (known !== undefined) return known;
    const fit: Listed[] = [];
    const names = new Set<unknown>();
    for (const given of items) {
      const { item, removed, refused } = cleanItem(given);
      const tool = quoted(String(given['name']));
      if (refused === undefined) fit.push(item);
      else {
        names.add(given['name']);
        this.#warn(server, `the tool ${tool} of ${server} is not offered: ${refused}`);
      }
      if (removed > 0) this.#warn(server, `hidden characters were taken out of the tool ${tool} of ${server}`);
    }
    const made = { fit, refused: names };
    this.#fit.set(items, made);
    return made;
  }

  /** A server may list the same again and again, and other things all the time: each is told once, and not without end. */
  #warn(server: string, message: string): void {
    if (this.#told.has(message) || this.#told.size >= mostTold) return;
    this.#told.add(message);
    this.#dependencies.logger.warn({ server }, message);
  }
}

function notOffered(server: string, tool: string): Admission {
  const reason = `Tool '${tool}' of server '${server}' is not offered by this gateway`;
  return { allowed: false, rule: undefined, reason, code: 'TOOL_NOT_FOUND' };
}

const unruled: Admission = Object.freeze({ allowed: true, rule: undefined, reason: 'there are no rules' });
