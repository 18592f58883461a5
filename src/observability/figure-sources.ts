import type { GatewayFigures, ManagerFigures } from './figures.js';
import type { FigureValue, MeasuredAttributes } from './instruments.js';
import { LabelValues } from './label-values.js';
import { type FigureName, mostValues } from './measures.js';

/** Who can be asked for figures, and what they say together. Of several things of one name, and of those beyond the most, the sum. */
export class FigureSources {
  readonly managers = new Set<ManagerFigures>();
  readonly gateways = new Set<GatewayFigures>();

  read(name: FigureName): readonly FigureValue[] {
    const sums = new Sums();
    for (const manager of this.managers) addManager(sums, name, manager);
    for (const gateway of this.gateways) addGateway(sums, name, gateway);
    return sums.values;
  }
}

function addManager(sums: Sums, name: FigureName, manager: ManagerFigures): void {
  switch (name) {
    case 'gatechart.plugin.state':
      return sums.countStates('plugin', manager.plugins());
    case 'gatechart.connection.state':
      return sums.countStates('connection', manager.connections());
    case 'gatechart.connection.calls.waiting':
      for (const connection of manager.connections()) sums.add({ connection: connection.name }, connection.waiting);
      return;
    case 'gatechart.connection.calls.running':
      for (const connection of manager.connections()) sums.add({ connection: connection.name }, connection.inFlight);
      return;
  }
}

function addGateway(sums: Sums, name: FigureName, gateway: GatewayFigures): void {
  switch (name) {
    case 'gatechart.server.state':
      return sums.countStates('server', gateway.servers());
    case 'gatechart.server.restarts':
      for (const server of gateway.servers()) sums.add({ server: server.name }, server.restarts);
      return;
    case 'gatechart.server.calls.waiting':
      for (const server of gateway.servers()) sums.add({ server: server.name }, server.waiting);
      return;
    case 'gatechart.server.calls.running':
      for (const server of gateway.servers()) sums.add({ server: server.name }, server.inFlight);
      return;
    case 'gatechart.calls':
      return sums.add({}, gateway.calls());
    case 'gatechart.clients':
      return sums.add({}, gateway.clients());
    case 'gatechart.audit.dropped':
      return sums.add({}, gateway.auditDropped() ?? 0);
  }
}

/** Values by their attributes. What things are called is one of a few; states are those of a machine. */
class Sums {
  readonly #names = new LabelValues(mostValues.servers);
  readonly #byKey = new Map<string, { value: number; attributes: MeasuredAttributes }>();

  get values(): readonly FigureValue[] {
    return [...this.#byKey.values()];
  }

  countStates(label: string, things: readonly { readonly name: string; readonly state: string }[]): void {
    for (const { name, state } of things) {
      // What state those beyond the most are in would be one of none.
      if (this.#names.of(name) === name) this.#sum({ [label]: name, state }, 1);
    }
  }

  add(attributes: MeasuredAttributes, value: number): void {
    const told = Object.entries(attributes).map(([label, name]): [string, string] => [label, this.#names.of(name)]);
    this.#sum(Object.fromEntries(told), value);
  }

  #sum(attributes: MeasuredAttributes, value: number): void {
    const key = JSON.stringify(attributes);
    const sum = this.#byKey.get(key);
    if (sum === undefined) this.#byKey.set(key, { value, attributes });
    else sum.value += value;
  }
}
