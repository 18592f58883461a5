import type { MachineTable, TableAction, TableState, TableTransition } from './machine-table.js';

/** Where a program goes, and where what it needs is. */
export interface ProgramPlace {
  /** The machine as it is exported, without its ending. */
  readonly name: string;
  /** Path from the root of the repository. */
  readonly path: string;
  /** The file of the machine, below `machines`. */
  readonly machineFile: string;
}

/** The program of a machine: TypeScript, not yet formatted. */
export function programText(
  { states, initial, contextFields }: MachineTable,
  { name, path, machineFile }: ProgramPlace,
): string {
  const up = '../'.repeat(path.split('/').length - 1);
  const src = '../'.repeat(path.split('/').length - 2) || './';
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  /** Names of what is bound, with what binds it. */
  const bound = new Map<string, string>();
  const taken: string[] = [];
  const bind = (constant: string, value: string): string => {
    bound.set(constant, value);
    return constant;
  };
  const effects = new Set<string>();
  const hasDelays = states.some(({ after }) => after !== undefined);

  function actionLines(actions: readonly TableAction[], event: string, from: Scope): string[] {
    return actions.flatMap((action) => {
      if (action.kind === 'effect') {
        effects.add(action.name);
        return [
          `if (actor.isInspected) actor.tellEffect('${action.name}');`,
          `effects.${action.name}(${from.context}, ${event});`,
        ];
      }
      const before = from.context;
      const args = argsOf(from);
      from.context = `context${++from.count}`;
      const assigned = (field: string): string =>
        `${bind(`${action.name}To${capital(field)}`, `declared.field('${action.name}', '${field}')`)}(${args})`;
      // Field by field: a spread costs several times as much.
      const fields = contextFields.map((field) =>
        action.fields.includes(field) ? `${field}: ${assigned(field)},` : `${field}: ${before}.${field},`,
      );
      return [`const ${from.context}: Context = {`, ...fields, '};'];
    });
  }

  function transitionLines(transition: TableTransition, source: TableState): string[] {
    const { target, actions, eventType, place } = transition;
    const from: Scope = { context: 'context', count: 0 };
    const lines = [`actor.taken = taken${taken.length};`];
    taken.push(`const taken${taken.length} = takenOf('${source.value}', '${eventType}', ${place});`);
    if (target === undefined) {
      lines.push(...actionLines(actions, 'event', from));
      if (from.context !== 'context') lines.push(`actor.context = ${from.context};`);
    } else {
      lines.push(...actionLines([...source.exit, ...actions], 'event', from));
      lines.push(`enter${capital(target.value)}(actor, ${from.context}, event, effects);`);
    }
    lines.push('return;');
    if (transition.guard === undefined) return lines;
    const guard = bind(transition.guard, `declared.guard('${transition.guard}')`);
    return [`if (${guard}(args)) {`, ...lines.map((line) => `  ${line}`), '}'];
  }

  /** Those after one without a guard are never reached. */
  function alternatives(transitions: readonly TableTransition[], source: TableState): string[] {
    const unguarded = transitions.findIndex(({ guard }) => guard === undefined);
    const reached = unguarded < 0 ? transitions : transitions.slice(0, unguarded + 1);
    const lines = reached.flatMap((transition) => transitionLines(transition, source));
    if (lines.some((line) => line.includes('(args)'))) lines.unshift('const args = { context, event };');
    if (lines.some((line) => /\bcontext\b/.test(line))) lines.unshift('const { context } = actor;');
    if (unguarded < 0) lines.push('return;');
    return lines;
  }

  function entering(state: TableState): string[] {
    const from: Scope = { context: 'context', count: 0 };
    const lines = [...actionLines(state.entry, 'event', from)];
    if (state.after !== undefined) {
      lines.unshift('actor.entered();');
      const delay = bind(state.after.delay, `declared.delay('${state.after.delay}')`);
      lines.push(`actor.arm(${delay}(${argsOf(from)}));`);
    } else if (hasDelays) lines.push('actor.disarm();');
    lines.push(`actor.context = ${from.context};`, `actor.at = ${state.number};`);
    if (state.final) lines.push('actor.end();');
    if (lines.some((line) => line.includes('(args)'))) lines.unshift('const args = { context, event };');
    const event = uses(lines, 'event');
    return [
      `function enter${capital(state.value)}(actor: Actor, context: Context, ${event}: Event, ${uses(lines, 'effects')}: Owner): void {`,
      ...indented(lines),
      '}',
      '',
    ];
  }

  function taking(state: TableState): string[] {
    const cases = [...state.on].flatMap(([type, transitions]) => [
      `case '${type}': {`,
      ...indented(alternatives(transitions, state)),
      '}',
    ]);
    return [
      `function takeIn${capital(state.value)}(actor: Actor, event: Event, ${uses(cases, 'effects')}: Owner): void {`,
      '  const type: string = event.type;',
      '  switch (type) {',
      ...indented(indented(cases)),
      '    default:',
      '  }',
      '}',
      '',
    ];
  }

  function beginning(): string[] {
    // Without the last `return`, where the function ends anyway.
    if (initial.always.length > 0) return alternatives(initial.always, initial).slice(0, -1);
    return [`enter${capital(initial.value)}(actor, actor.context, event, effects);`];
  }

  const listening = states.filter(({ on }) => on.size > 0);
  const entered = states.filter((state) => state !== initial || initial.always.length === 0);
  const functions = [...entered.flatMap(entering), ...listening.flatMap(taking)];
  const begin = beginning();
  const takenStates = listening.flatMap((state) => [
    `case ${state.number}:`,
    `  return takeIn${capital(state.value)}(actor, event, effects);`,
  ]);
  return [
    `// Generated from machines/${machineFile} by \`npm run docs\`; changes made here are lost.`,
    `import type { ${type}Context as Context, ${type}Event as Event } from '${up}machines/index.js';`,
    `import { ${name}Machine as machine } from '${up}machines/${machineFile.replace('.ts', '.js')}';`,
    `import { Declared, type Effects, type MachineProgram, type ProgramActor, takenOf } from '${src}actors/machine-program.js';`,
    '',
    '/** What the machine leaves to others. */',
    `export type ${type}Effect =`,
    ...[...effects].map((effect, index, all) => `  | '${effect}'${index === all.length - 1 ? ';' : ''}`),
    '',
    `type Actor = ProgramActor<${type}Effect, Context>;`,
    `type Owner = Effects<${type}Effect, Context, Event>;`,
    '',
    'const declared = new Declared<Context, Event>(machine);',
    ...[...bound].map(([constant, value]) => `const ${constant} = ${value};`),
    ...taken,
    '',
    ...functions,
    `export const ${name}Program: MachineProgram<${type}Effect, Context, Event> = {`,
    '  machine,',
    `  states: [${states.map(({ value }) => `'${value}'`).join(', ')}],`,
    `  initial: ${initial.number},`,
    `  expiries: [${states.map(expiry).join(', ')}],`,
    '  contextOf: declared.context(),',
    '  begin(actor, event, effects): void {',
    ...indented(indented(begin)),
    '  },',
    '  take(actor, event, effects): void {',
    '    switch (actor.at) {',
    ...indented(indented(indented(takenStates))),
    '      default:',
    '    }',
    '  },',
    '};',
    '',
  ].join('\n');
}

interface Scope {
  /** The name that the present context has. */
  context: string;
  count: number;
}

function argsOf({ context }: Scope): string {
  return context === 'context' ? 'args' : `{ context: ${context}, event }`;
}

/** A parameter's name, which says where it is not used. */
function uses(lines: readonly string[], parameter: string): string {
  return lines.some((line) => new RegExp(`\\b${parameter}\\b`).test(line)) ? parameter : `_${parameter}`;
}

function expiry({ after }: TableState): string {
  return after === undefined ? 'undefined' : `{ type: '${after.eventType}' }`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? line : `  ${line}`));
}
