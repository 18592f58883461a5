import { startServerSet } from '../../src/downstream/start-server-set.js';
import type { ServerEntry } from '../../src/downstream/server-entry.js';
import type { ServerSet } from '../../src/downstream/server-set-api.js';
import type { SessionTerms } from '../../src/downstream/sessions/session-key.js';
import type { ServerSetOptions } from '../../src/downstream/set/server-set-options.js';
import { isGatechartError } from '../../src/errors.js';
import {
  ManualClock,
  RecordingLogger,
  type ScriptedLink,
  ScriptedTransport,
  seededRandom,
} from '../../src/testing/index.js';
import { Listeners } from '../../src/transports/listeners.js';
import type {
  McpLink,
  McpNotification,
  McpPeer,
  McpRequest,
  McpResponse,
  McpTransport,
  QuestionAnswerer,
} from '../../src/transports/mcp/mcp-messages.js';
import type { ServerInput } from '../../src/downstream/servers-file/servers-input.js';

type Scripted = ScriptedTransport<McpRequest, McpResponse>;

/** One session as its server sees it. */
export interface ServedSession {
  readonly entry: ServerEntry;
  readonly terms: SessionTerms;
  readonly transport: Scripted;
  /** Says something unasked on its newest link. */
  readonly say: (notification: McpNotification) => void;
  /** Asks what belongs to no call. */
  readonly ask: (...question: Parameters<QuestionAnswerer>) => ReturnType<QuestionAnswerer>;
}

/** What became of something that was asked of the set. */
export interface Outcome {
  readonly startedAt: number;
  settledAt: number | undefined;
  answer: McpResponse | undefined;
  error: unknown;
  code: string | undefined;
}

/** What a server lists, and how it answers; may be changed while it runs. */
export interface ServedServer {
  capabilities: McpPeer['capabilities'];
  reply: (request: McpRequest, session: ServedSession, link: number) => McpResponse;
}

/** Names its session, its link and the version of its entry; lists one tool. */
export const plainServer: ServedServer = {
  capabilities: { tools: { listChanged: true } },
  reply: ({ method, params }, session, link) => {
    if (method === 'tools/list') return { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] };
    return { content: [], version: versionOf(session.entry), link, asked: params?.['arguments'] };
  },
};

function versionOf({ reach }: ServerEntry): string | undefined {
  return reach.kind === 'stdio' ? reach.args[0] : undefined;
}

/** A set of servers whose links do what a script says, on a clock of the test's. */
export class ServerWorld {
  readonly clock = new ManualClock();
  readonly logger = new RecordingLogger();
  /** Every session there ever was, oldest first. */
  readonly sessions: ServedSession[] = [];
  readonly outcomes: Outcome[] = [];
  readonly served = new Map<string, ServedServer>();
  /** Does something with the transport of each new session. */
  onSession: (session: ServedSession) => void = () => {};
  set!: ServerSet;

  static async open(
    servers: Record<string, ServerInput>,
    options: Partial<ServerSetOptions> = {},
    seed = 1,
  ): Promise<ServerWorld> {
    const world = new ServerWorld();
    const { clock, logger } = world;
    world.set = await startServerSet(
      { servers: { mcpServers: servers }, clock, logger, random: seededRandom(seed), env: {}, ...options },
      (entry, terms) => world.#transport(entry, terms),
    );
    return world;
  }

  of(name: string): ServedSession[] {
    return this.sessions.filter(({ entry }) => entry.name === name);
  }

  newest(name: string): ServedSession {
    const session = this.of(name).at(-1);
    if (session === undefined) throw new Error(`${name} has no session`);
    return session;
  }

  /** Attempts to open, over all servers, that are under way now. */
  get opening(): number {
    return this.sessions.reduce((sum, { transport }) => sum + transport.openings.length, 0);
  }

  track(asked: Promise<McpResponse | object>): Outcome {
    const outcome: Outcome = {
      startedAt: this.clock.now(),
      settledAt: undefined,
      answer: undefined,
      error: undefined,
      code: undefined,
    };
    this.outcomes.push(outcome);
    asked.then(
      (answer) => {
        outcome.settledAt = this.clock.now();
        outcome.answer = answer as McpResponse;
      },
      (error: unknown) => {
        outcome.settledAt = this.clock.now();
        outcome.error = error;
        outcome.code = isGatechartError(error) ? error.code : String(error);
      },
    );
    return outcome;
  }

  /** Closes everything; what is left then is told. */
  async end(): Promise<{ timers: number; links: number; unsettled: number; errors: readonly string[] }> {
    const closing = this.set.close({ drainMs: 1_000 });
    await this.clock.run(120_000);
    await closing;
    const links = this.sessions.reduce((sum, { transport }) => sum + transport.living + transport.retired, 0);
    const unsettled = this.outcomes.filter(({ settledAt }) => settledAt === undefined).length;
    return { timers: this.clock.size, links, unsettled, errors: this.logger.lines('error') };
  }

  #transport(entry: ServerEntry, terms: SessionTerms): McpTransport {
    const served = (): ServedServer => this.served.get(entry.name) ?? plainServer;
    const notifications = new Listeners<McpNotification>();
    let answerer: QuestionAnswerer = () => Promise.reject(new Error('nobody answers'));
    const transport: Scripted = new ScriptedTransport<McpRequest, McpResponse>({
      clock: this.clock,
      startsServer: entry.reach.kind === 'stdio',
      target: `scripted ${entry.name}`,
      reply: (request, link) => served().reply(request, session, link),
    });
    const session: ServedSession = {
      entry,
      terms,
      transport,
      say: notifications.tell,
      ask: (...question) => answerer(...question),
    };
    this.sessions.push(session);
    this.onSession(session);
    return {
      target: transport.target,
      startsServer: transport.startsServer,
      open: async (signal) => {
        const link = (await transport.open(signal)) as ScriptedLink<McpRequest, McpResponse>;
        const spoken: Omit<McpLink, keyof ScriptedLink<McpRequest, McpResponse>> = {
          era: 'legacy',
          peer: {
            protocolVersion: '2025-11-25',
            capabilities: served().capabilities,
            info: { name: entry.name, version: versionOf(entry) ?? '' },
            instructions: undefined,
          },
          onNotification: notifications.add,
          answerWith: (given) => {
            answerer = given;
          },
          notify: () => {},
        };
        return Object.assign(link, spoken);
      },
    };
  }
}
