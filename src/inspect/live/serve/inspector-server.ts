import { startServer } from '../../../serving/server.js';
import { Admission } from './admission.js';
import { type InspectorEndpoint, type InspectorServerOptions, openInspectorEndpoint } from './inspector-endpoint.js';

/** A source that is served. */
export interface InspectorServer {
  /** `http://127.0.0.1:4983` */
  readonly address: string;
  readonly port: number;
  /** The address with a one-time token in its fragment, a new one each time. */
  url(): string;
  /** Settles when it is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds that readers have to take the last that they are told. */
const farewellMs = 500;

/** Serves a source on this machine, until it ends or is closed. @throws GatechartError SERVER_START_FAILED */
export async function startInspectorServer(options: InspectorServerOptions): Promise<InspectorServer> {
  const { clock, logger } = options;
  const admission = new Admission(clock);
  let endpoint: InspectorEndpoint | undefined;
  const server = startServer({
    name: 'inspector',
    open: async () => {
      endpoint = await openInspectorEndpoint(options, admission);
      return endpoint;
    },
    release: () => Promise.resolve(),
    graceMs: farewellMs,
    clock,
    logger,
  });
  const address = await server.started;
  return {
    address,
    port: endpoint?.port ?? 0,
    url: () => `${address}/#t=${admission.token()}`,
    closed: server.closed,
    close: () => server.close(),
  };
}
