/** One seeded bug: a text in a source file, and what stands there instead. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly instead: string;
  /** The promise that is broken by it; others may be seen first. */
  readonly breaks: string;
  /** It is found within a few thousand steps, so that the suite looks for it each time. */
  readonly isQuick?: true;
  /** Why it is not found. */
  readonly unseen?: string;
}

/** Bugs in machines and in what carries them out. Each is to be found but those that say why they cannot be. */
export const mutations: readonly Mutation[] = [
  {
    name: 'a call that nobody waits for any more keeps its place in the queue of its server',
    file: 'src/downstream/sessions/call-gate.ts',
    text: '        this.#waiting.delete(go);\n        this.#deadlines.disarm(deadline);',
    instead: '        this.#deadlines.disarm(deadline);',
    breaks: 'recovers',
  },
  {
    name: 'the deadline of a call is not armed',
    file: 'src/gateway/call/gateway-call.ts',
    text: 'this.#owner.deadlines.arm(this.#deadline, this.#timeoutMs, this.#startedAt);',
    instead: '',
    breaks: 'in-time',
    isQuick: true,
  },
  {
    name: 'whoever gives up a call is not heard once it is under way',
    file: 'machines/gateway-call.machine.ts',
    text: "  cancel: { target: 'cancelled', actions: 'abandon' },\n} as const;",
    instead: "  cancel: { actions: 'abandon' },\n} as const;",
    breaks: 'settles-once',
  },
  {
    name: 'a call that was cut off is replayed whatever its entry says',
    file: 'machines/call.machine.ts',
    text: "replaysOnce: ({ context }) => context.replay === 'once',",
    instead: 'replaysOnce: () => true,',
    breaks: 'executions',
    isQuick: true,
  },
  {
    name: 'a call is replayed for as long as it is cut off',
    file: 'machines/call.machine.ts',
    text: "'link.cutOff': { target: 'outcomeUnknown', actions: 'recordError' },",
    instead: "'link.cutOff': { target: 'waitingToReplay', actions: 'recordError' },",
    breaks: 'executions',
  },
  {
    name: 'a replay is allowed for every tool when the entry names some',
    file: 'src/downstream/server/call-replay.ts',
    text: "if (typeof replay === 'string' ? replay === 'once' : replay.includes(tool)) return 'once';",
    instead: "if (replay !== 'never') return 'once';",
    breaks: 'executions',
  },
  {
    name: 'annotations of tools count for servers that are not trusted',
    file: 'src/downstream/server/call-replay.ts',
    text: 'const annotations = trustAnnotations ? known()',
    instead: 'const annotations = trustAnnotations !== undefined ? known()',
    breaks: 'executions',
  },
  {
    name: 'the next link is opened while the last one is being ended',
    file: 'src/connection/link-slot.ts',
    text: '    await this.#gone;\n    signal.throwIfAborted();',
    instead: '    signal.throwIfAborted();',
    breaks: 'one-link',
    unseen: 'the machine waits for the same end itself before it opens the next link',
  },
  {
    name: 'a link that is lost is not released',
    file: 'src/connection/open-calls.ts',
    text: '    await this.#slot.release();\n    if (link',
    instead: '    await Promise.resolve();\n    if (link',
    breaks: 'one-link',
    isQuick: true,
  },
  {
    name: 'links that were put aside are forgotten at the end',
    file: 'src/connection/link-slot.ts',
    text: 'await Promise.all([...this.#retired].map(ended));',
    instead: 'await Promise.resolve();',
    breaks: 'nothing-left',
  },
  {
    name: 'calls beyond the limit of a server go at once',
    file: 'src/downstream/sessions/call-gate.ts',
    text: 'if (this.#inside >= this.maxConcurrent || this.#waiting.size > 0) return false;',
    instead: 'if (this.#inside > this.maxConcurrent || this.#waiting.size > 0) return false;',
    breaks: 'bounded',
  },
  {
    name: 'calls overtake those that wait',
    file: 'src/downstream/sessions/call-gate.ts',
    text: 'if (this.#inside >= this.maxConcurrent || this.#waiting.size > 0) return false;',
    instead: 'if (this.#inside >= this.maxConcurrent + (this.#waiting.size > 2 ? 1 : 0)) return false;',
    breaks: 'bounded',
  },
  {
    name: 'the place of a call that has ended is never given back',
    file: 'src/downstream/server/server-calls.ts',
    text: '      this.#gate.leave();\n',
    instead: '      if (session?.terms.isSingle !== true) this.#gate.leave();\n',
    breaks: 'recovers',
  },
  {
    name: 'a turn to start is not waited for',
    file: 'src/connection/turns.ts',
    text: 'if (this.#taken < this.#most) return go();',
    instead: 'if (this.#taken <= this.#most) return go();',
    breaks: 'bounded',
    isQuick: true,
  },
  {
    name: 'what waits for a connection is admitted in the wrong order',
    file: 'machines/connection-setup.ts',
    text: 'waiting: ({ context, event }) => [...context.waiting, callIn(event)]',
    instead: 'waiting: ({ context, event }) => [callIn(event), ...context.waiting]',
    breaks: 'order',
    isQuick: true,
  },
  {
    name: 'rules are not asked about tools',
    file: 'src/gateway/offer/tool-offers.ts',
    text: "const { allowed, rule, reason } = rules?.tool(agent ?? '', server, tool) ?? unruled;",
    instead: "const { allowed, rule, reason } = rules?.server(agent ?? '', server) ?? unruled;",
    breaks: 'admitted',
  },
  {
    name: 'what the entry of a server keeps back is let through',
    file: 'src/gateway/filters/tool-filter.ts',
    text: 'return (tool) =>\n    tool.length',
    instead: 'return (tool) =>\n    true || tool.length',
    breaks: 'admitted',
    unseen: 'whether an entry lets a tool through is asked of the same code',
  },
  {
    name: 'a retry is not held against the rules',
    file: 'machines/gateway-call.machine.ts',
    text: "after: { retryDelay: 'deciding' },",
    instead: "after: { retryDelay: 'asking' },",
    breaks: 'admitted',
    unseen: 'rules have to change within the few milliseconds before a retry, which no seed of these has had',
  },
  {
    name: 'a block is ignored before the call',
    file: 'src/gateway/call/guarded-leg.ts',
    text: 'if (!before.continueProcessing) return blocked(before);',
    instead: '',
    breaks: 'blocked',
    isQuick: true,
  },
  {
    name: 'a block is ignored after the call',
    file: 'src/gateway/call/guarded-leg.ts',
    text: 'if (!after.continueProcessing) return blocked(after);',
    instead: '',
    breaks: 'blocked',
  },
  {
    name: 'a plugin in the middle of the chain cannot stop it',
    file: 'machines/invocation.machine.ts',
    text: "halts: ({ context, event }) => 'stops' in event && event.stops && stepOf(context, event).mayBlock,",
    instead:
      "halts: ({ context, event }) => 'stops' in event && event.stops && stepOf(context, event).mayBlock && context.index + 1 >= context.steps.length,",
    breaks: 'blocked',
  },
  {
    name: 'what plugins changed of a request is dropped',
    file: 'src/gateway/call/guarded-leg.ts',
    text: 'const allowed = before.modifiedPayload === undefined ? params : hooks.allowed(params, left);',
    instead: 'const allowed = params;',
    breaks: 'modified',
    isQuick: true,
  },
  {
    name: 'what plugins changed of an answer is dropped',
    file: 'src/gateway/call/guarded-leg.ts',
    text: 'const changed = hooks.resultIn(modifiedPayload);',
    instead: 'const changed = result;',
    breaks: 'modified',
  },
  {
    name: 'a plugin may change what its mode does not let it',
    file: 'src/plugins/plugin-mode.ts',
    text: 'concurrent: { ...sequential, mayModify: false,',
    instead: 'concurrent: { ...sequential, mayModify: true,',
    breaks: 'modified',
  },
  {
    name: 'a listener is left on the signal of whoever called',
    file: 'src/gateway/call/gateway-call.ts',
    text: 'unlistenForAbort(this.caller.call.signal, this.cancel);',
    instead: 'void unlistenForAbort;',
    breaks: 'nothing-left',
    isQuick: true,
  },
  {
    name: 'the deadline of a list is left armed',
    file: 'src/downstream/start-server-set.ts',
    text: '      deadlines.close();\n',
    instead: '',
    breaks: 'nothing-left',
    unseen: 'its timer holds nothing, and runs out while the world comes to its end',
  },
  {
    name: 'answers go to whoever has asked last',
    file: 'src/transports/mcp/unanswered-requests.ts',
    text: '      this.#take(id)?.resolve(message.result);',
    instead:
      '      this.#take(this.#nextId % 64 === 0 && this.has(this.#nextId - 1) ? this.#nextId - 1 : id)?.resolve(message.result);',
    breaks: 'own-answer',
  },
  {
    name: 'what a server asks is put to a client that it does not concern',
    file: 'src/transports/mcp/channel-owners.ts',
    text: "return owners.kind === 'one' && owners.owner === owner ? owners : unclear;",
    instead: 'return owners;',
    breaks: 'own-answer',
  },
  {
    name: 'progress is told to whoever has asked last',
    file: 'src/transports/mcp/server-messages.ts',
    text: "this.#dependencies.pending.find(params['progressToken'])",
    instead: 'this.#dependencies.pending.open().at(-1)',
    breaks: 'own-answer',
  },
  {
    name: 'a deadline of a plugin is not kept',
    file: 'machines/invocation.machine.ts',
    text: 'delays: { deadline: ({ context }) => stepOf(context).timeoutMs },',
    instead: 'delays: { deadline: ({ context }) => stepOf(context).timeoutMs * 1_000 },',
    breaks: 'progress',
    unseen: 'the deadline of the call ends the hook as well',
  },
  {
    name: 'the table of requests is not emptied when their link ends',
    file: 'src/transports/in-process/in-process-link.ts',
    text: "this.#pending.failAll(() => new LinkError('cutOff', why, { cause: error }));",
    instead: 'void why;',
    breaks: 'settles-once',
    unseen: 'the connection cuts off the calls of a link that is gone, whatever the link does',
  },
];
