/** Values of a label that are told apart; what is beyond them is `other`. */
export const mostValues = {
  tools: 200,
  servers: 200,
  plugins: 200,
  errors: 64,
  hooks: 64,
  codes: 64,
  methods: 32,
} as const;

/** Upper bounds in seconds: those that OpenTelemetry's conventions for MCP have. */
export const callBuckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300] as const;

/** Upper bounds in seconds for work that mostly takes less than one message over a network. */
export const hookBuckets = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30] as const;

/** What is measured when it happens, and what can be asked at any time. */
export type MeasureKind = 'duration' | 'count' | 'gauge' | 'total';

interface Measure {
  readonly kind: MeasureKind;
  readonly help: string;
  readonly attributes: readonly string[];
  readonly buckets?: readonly number[];
}

const ofMcp = ['mcp.method.name', 'gen_ai.tool.name', 'error.type'] as const;

/**
 * Every figure by its name as OpenTelemetry has it, with the names of its attributes. A `duration` is a histogram in
 * seconds, a `count` grows by what happens, a `gauge` and a `total` are read when somebody looks.
 */
export const measures = {
  'gatechart.hook.duration': {
    kind: 'duration',
    buckets: hookBuckets,
    help: 'Invocations of hooks that have plugins, by how they were decided.',
    attributes: ['hook', 'decision'],
  },
  'gatechart.plugin.duration': {
    kind: 'duration',
    buckets: hookBuckets,
    help: 'Runs of plugins, by how they ended.',
    attributes: ['plugin', 'status'],
  },
  'gatechart.plugin.violations': {
    kind: 'count',
    help: 'Violations that plugins answered, whether their mode may block or not.',
    attributes: ['plugin', 'code'],
  },
  'gatechart.plugin.state': {
    kind: 'gauge',
    help: 'Plugins that are in a state: 1, or one for each manager.',
    attributes: ['plugin', 'state'],
  },
  'gatechart.connection.state': {
    kind: 'gauge',
    help: 'Connections to external plugins that are in a state: 1, or one for each manager.',
    attributes: ['connection', 'state'],
  },
  'gatechart.connection.calls.waiting': {
    kind: 'gauge',
    help: 'Calls of an external plugin that wait for its connection.',
    attributes: ['connection'],
  },
  'gatechart.connection.calls.running': {
    kind: 'gauge',
    help: 'Calls that an external plugin has.',
    attributes: ['connection'],
  },
  'mcp.server.operation.duration': {
    kind: 'duration',
    buckets: callBuckets,
    help: 'Requests of agents, from the first look at them to the answer.',
    attributes: ofMcp,
  },
  'mcp.client.operation.duration': {
    kind: 'duration',
    buckets: callBuckets,
    help: 'Calls of servers behind the gateway.',
    attributes: [...ofMcp, 'mcp.server.name', 'network.transport'],
  },
  'mcp.server.session.duration': {
    kind: 'duration',
    buckets: callBuckets,
    help: 'Clients that have left, by how long they were there.',
    attributes: [],
  },
  'mcp.client.session.duration': {
    kind: 'duration',
    buckets: callBuckets,
    help: 'Sessions with servers that have ended, by how long they were open.',
    attributes: [],
  },
  'gatechart.denied': {
    kind: 'count',
    help: 'What the gateway refused, by who refused it and why.',
    attributes: ['rule_kind', 'error.type'],
  },
  'gatechart.server.state': {
    kind: 'gauge',
    help: '1 for the state that a server is in.',
    attributes: ['server', 'state'],
  },
  'gatechart.server.restarts': {
    kind: 'total',
    help: 'Connections with a server that took the place of others.',
    attributes: ['server'],
  },
  'gatechart.server.calls.waiting': {
    kind: 'gauge',
    help: 'Calls of a server that wait for others.',
    attributes: ['server'],
  },
  'gatechart.server.calls.running': { kind: 'gauge', help: 'Calls that a server has.', attributes: ['server'] },
  'gatechart.calls': { kind: 'gauge', help: 'Calls that run in the gateway.', attributes: [] },
  'gatechart.clients': { kind: 'gauge', help: 'Clients that are connected.', attributes: [] },
  'gatechart.audit.dropped': { kind: 'total', help: 'Lines that the audit log has lost.', attributes: [] },
} as const satisfies Readonly<Record<string, Measure>>;

export type MeasureName = keyof typeof measures;

/** The names of what is measured one way. */
type NamesOf<Kind extends MeasureKind> = {
  [Name in MeasureName]: (typeof measures)[Name]['kind'] extends Kind ? Name : never;
}[MeasureName];

export type DurationName = NamesOf<'duration'>;
export type CountName = NamesOf<'count'>;
/** What is read when somebody looks. */
export type FigureName = NamesOf<'gauge' | 'total'>;
export type TotalName = NamesOf<'total'>;

export function isDuration(name: MeasureName): name is DurationName {
  return measures[name].kind === 'duration';
}

export function isFigure(name: MeasureName): name is FigureName {
  const { kind } = measures[name];
  return kind === 'gauge' || kind === 'total';
}

export function isTotal(name: FigureName): name is TotalName {
  return measures[name].kind === 'total';
}

export const measureNames = Object.keys(measures) as readonly MeasureName[];
