import type { Ribbon } from '../../feed/feed-states.js';

/** The states that an actor went through in the last minutes as a Mermaid diagram, the one where it is marked. */
export function ribbonAsMermaid(ribbon: Ribbon, at: string): string {
  const names = [...new Set([...ribbon.map(([, state]) => state), at])];
  const idOf = (state: string) => `s${names.indexOf(state)}`;
  const moves = new Set(ribbon.slice(1).map(([, to], index) => `  ${idOf(ribbon[index]?.[1] ?? to)} --> ${idOf(to)}`));
  return [
    'stateDiagram-v2',
    '  classDef active stroke-width:3px,font-weight:bold',
    ...names.map((state) => `  state ${JSON.stringify(state)} as ${idOf(state)}`),
    ...moves,
    `  class ${idOf(at)} active`,
    '',
  ].join('\n');
}
