import type { Counter, Gauge } from 'prom-client';
import type { ServerStatus } from '../../downstream/server-set-api.js';
import { LabelValues, otherValue } from './label-values.js';
import { mostValues } from './metric-table.js';

export interface ServersNow {
  servers(): readonly ServerStatus[];
}

interface ServerMetrics {
  readonly state: Gauge;
  readonly restarts: Counter;
  readonly waiting: Gauge;
  readonly inFlight: Gauge;
}

/** How each server is when somebody reads the metrics; of servers beyond the most that are told apart, the sum. */
export class ServerGauges {
  readonly #now: ServersNow;
  readonly #metrics: ServerMetrics;

  constructor(now: ServersNow, metrics: ServerMetrics) {
    this.#now = now;
    this.#metrics = metrics;
  }

  update(): void {
    const { state, restarts, waiting, inFlight } = this.#metrics;
    for (const metric of [state, restarts, waiting, inFlight]) metric.reset();
    const names = new LabelValues(mostValues.servers);
    for (const status of this.#now.servers()) {
      const server = names.of(status.name);
      restarts.inc({ server }, status.restarts);
      waiting.inc({ server }, status.waiting);
      inFlight.inc({ server }, status.inFlight);
      if (server !== otherValue) state.set({ server, state: status.state }, 1);
    }
  }
}
