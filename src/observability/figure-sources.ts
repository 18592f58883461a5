import type { GatewayFigures, ManagerFigures } from './figures.js';
import { FigureSums } from './figure-sums.js';
import type { FigureValue } from './instruments.js';
import { type FigureName, isTotal, type TotalName } from './measures.js';
import { RunningTotal } from './running-total.js';

/** Who can be asked for figures, and what they say together. Of several things of one name, and of those beyond the most, the sum. */
export class FigureSources {
  readonly #managers = new Set<ManagerFigures>();
  readonly #gateways = new Set<GatewayFigures>();
  readonly #totals: Readonly<Record<TotalName, RunningTotal>> = {
    'gatechart.server.restarts': new RunningTotal((gateway) =>
      gateway.servers().map(({ name, restarts }) => ({ value: restarts, attributes: { server: name } })),
    ),
    'gatechart.audit.dropped': new RunningTotal((gateway) => [{ value: gateway.auditDropped() ?? 0, attributes: {} }]),
  };

  /** @returns what is called when it is gone */
  addManager(manager: ManagerFigures): () => void {
    this.#managers.add(manager);
    return () => void this.#managers.delete(manager);
  }

  /** @returns what is called when it is gone */
  addGateway(gateway: GatewayFigures): () => void {
    this.#gateways.add(gateway);
    return () => {
      if (!this.#gateways.delete(gateway)) return;
      for (const total of Object.values(this.#totals)) total.ask(gateway);
    };
  }

  read(name: FigureName): readonly FigureValue[] {
    if (isTotal(name)) {
      const total = this.#totals[name];
      for (const gateway of this.#gateways) total.ask(gateway);
      return total.values;
    }
    const sums = new FigureSums();
    for (const manager of this.#managers) addManager(sums, name, manager);
    for (const gateway of this.#gateways) addGateway(sums, name, gateway);
    return sums.values;
  }
}

function addManager(sums: FigureSums, name: FigureName, manager: ManagerFigures): void {
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

function addGateway(sums: FigureSums, name: FigureName, gateway: GatewayFigures): void {
  switch (name) {
    case 'gatechart.server.state':
      return sums.countStates('server', gateway.servers());
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
  }
}
