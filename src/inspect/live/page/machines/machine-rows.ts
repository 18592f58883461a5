import type { Chart, ChartTransition } from '../../../charts/chart.js';

/** A transition as the table has it. */
export interface MachineRow {
  /** Place among the possible events of the chart, of its first target: what the row and its arrow have in common. */
  readonly place: number;
  /** The state that takes it; empty: any state. */
  readonly source: string;
  readonly event: string;
  readonly guard: string | undefined;
  readonly does: readonly string[];
  /** Empty: it stays. */
  readonly targets: readonly string[];
}

/** Every transition of a machine, those of any state first, then by state in the order of the chart. */
export function machineRows({ transitions, states }: Chart): readonly MachineRow[] {
  const order = new Map(states.map(({ path }, index) => [path, index]));
  let place = 0;
  const rows = transitions.map((transition): MachineRow => {
    const row = rowOf(transition, place);
    place += Math.max(1, transition.targets.length);
    return row;
  });
  return rows.toSorted((one, other) => (order.get(one.source) ?? 0) - (order.get(other.source) ?? 0));
}

function rowOf({ source, label, guard, actions, targets }: ChartTransition, place: number): MachineRow {
  return { place, source, event: label, guard, does: actions, targets };
}

/** The row that something lit in the chart belongs to; places of further targets belong to the same one. */
export function rowAt(rows: readonly MachineRow[], place: number | undefined): MachineRow | undefined {
  return place === undefined
    ? undefined
    : rows.find((row) => place >= row.place && place < row.place + Math.max(1, row.targets.length));
}

/** Where it begins, in words, for whoever reads a machine for the first time. */
export function outline({ states, transitions }: Chart): string {
  const inner = states.filter(({ path }) => path !== '');
  const final = inner.filter(({ type }) => type === 'final').length;
  const parts = [
    `${inner.length} states`,
    `${transitions.length} transitions`,
    ...(final === 0
      ? ['it has no end of its own']
      : [`${final} of the states ${final === 1 ? 'is its end' : 'are its ends'}`]),
  ];
  return `${parts.join(', ')}.`;
}
