import { Supervisor } from '../actors/supervisor.js';
import { unfailingLogger, createLogger } from '../observability/logger.js';
import { systemClock } from '../time/clock.js';
import { Deadlines } from '../time/deadlines.js';
import { Decisions } from './call/decisions.js';
import { GatewayCalls } from './call/gateway-calls.js';
import { ServerAccess } from './call/server-access.js';
import { GatewayClients } from './clients/gateway-clients.js';
import { chosenFace } from './faces/chosen-face.js';
import { ToolFinder } from './faces/on-demand/tool-finder.js';
import { entryFilter } from './filters/entry-filter.js';
import { Gateway } from './gateway.js';
import type { GatewayOptions } from './gateway-options.js';
import { gatewayService } from './gateway-service.js';
import { listHookStage } from './offer/list-hook-stage.js';
import { pinnedStage } from './offer/pinned-stage.js';
import { ToolOffers } from './offer/tool-offers.js';
import { pinKnowledge, PinStage } from './pins/pin-stage.js';
import { ReloadRecord } from './reload/reload-record.js';
import { rulesFileOf } from './reload/rules-file-watch.js';
import { RulesInForce } from './reload/rules-in-force.js';
import { openTelemetry } from './telemetry/gateway-telemetry.js';
import { traceOf } from './telemetry/trace-context.js';
import { startWarnings } from './start-warnings.js';
import { gatewayStatus } from './status/gateway-status.js';

/**
 * A gateway of options that are checked.
 *
 * @throws ConfigError CONFIG_UNREADABLE, CONFIG_INVALID for rules. Servers and plugins stay open then
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { servers, plugins, clock = systemClock, watch = false, debug = false } = options;
  const { lockFile = 'gatechart.lock' } = options;
  const { agent, defaultAgent: fallback, provenAgents: proven } = options;
  const logger = unfailingLogger(options.logger ?? createLogger('info'));
  // Looked at before it is read: what changes in between is a change.
  const followed = watch ? rulesFileOf(options.rules) : undefined;
  // Cached offers hold for a version: of the lists, the rules, the entries.
  let version = 0;
  const changed = (): void => {
    version++;
    face.changed?.();
  };
  const rules = new RulesInForce({
    source: options.rules,
    strict: options.strict ?? false,
    servers: () => servers.names(),
    logger,
    now: Date.now,
    changed,
  });
  const rulesNow = (): RulesInForce['rules'] => rules.rules;
  const serversRecord = new ReloadRecord(Date.now);
  serversRecord.succeeded();
  const pins = new PinStage({
    known: await pinKnowledge(lockFile),
    modeOf: (server) => servers.entry(server)?.pin ?? 'off',
    warn: (message, fields) => logger.warn(fields, message),
  });
  const offers = new ToolOffers({
    servers,
    rules: rulesNow,
    filterOf: entryFilter(servers),
    stages: [pinnedStage(pins), listHookStage(plugins, logger)],
    logger,
  });
  const finder = new ToolFinder(servers, offers);
  const { records, operations, metrics, ...telemetry } = await openTelemetry(
    options,
    { clients: () => clients.size, calls: () => calls.size },
    { clock, logger },
  );
  const access = new ServerAccess({
    servers,
    offers,
    plugins,
    traceOf: (call, request) => operations?.traceOf(call, request) ?? traceOf(request.params['_meta']),
  });
  const deadlines = new Deadlines(clock);
  const calls = new GatewayCalls(
    {
      deadlines,
      manager: plugins,
      now: () => clock.now(),
      admit: (caller, request) => access.admit(caller, request),
      ask: (caller, request, asking) =>
        operations === undefined
          ? access.ask(caller, request, asking)
          : operations.asked(caller, request, (sent) => access.ask(caller, sent, asking)),
      contextOf: (caller, request, requestId) => access.contextOf(caller, request, requestId),
      extensionsOf: (caller, request, requestId) => access.extensionsOf(caller, request, requestId),
      limit: (request, result) => access.limit(request, result),
      timeoutOf: (server) => access.timeoutOf(server),
      settled: ({ caller }, record) => records.hold(record, caller.call),
    },
    clock,
    logger,
  );
  const lists = new Supervisor('clientLists', logger, clock);
  const decisions = new Decisions({
    rules: rulesNow,
    settings: { agent, fallback, proven },
    record: records.record,
    now: () => clock.now(),
  });
  const known = { servers, offers, rules, serversRecord };
  const face = chosenFace(options, {
    servers,
    offers,
    calls,
    access,
    decisions,
    lists,
    logger,
    clock,
    status: debug ? (asking) => gatewayStatus(known, asking) : undefined,
    search: (viewer, question) => finder.find(viewer, question),
    version: () => version,
  });
  const sessions = {
    now: () => clock.now(),
    ended: operations && ((ms: number) => operations.sessionEnded('server', ms)),
  };
  const clients = new GatewayClients(servers, face, sessions, (client, server) => access.mayHear(client, server));
  for (const message of startWarnings(options, rules.rules)) logger.warn({}, message);
  const gateway = new Gateway({
    service: gatewayService(face, clients, operations),
    ...known,
    plugins,
    calls,
    clients,
    face,
    lists,
    deadlines,
    changed,
    logger,
    clock,
    audit: options.audit,
    records,
    metrics,
    stopTelemetry: () => telemetry.close(),
    followed,
    readPins: async () => pins.use(await pinKnowledge(lockFile)),
  });
  if (options.recorder !== undefined) gateway.observe(options.recorder.observer);
  if (options.inspector !== undefined) gateway.inspect(options.inspector);
  return gateway;
}
