import type { Supervisor } from '../../actors/supervisor.js';
import type { ServerSet } from '../../downstream/server-set-api.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import type { Decisions } from '../call/decisions.js';
import type { GatewayCalls } from '../call/gateway-calls.js';
import type { ServerAccess } from '../call/server-access.js';
import type { GatewayOptions } from '../gateway-options.js';
import { defaultSeparator, isPrefixed } from '../offer/prefixes.js';
import type { ToolOffers } from '../offer/tool-offers.js';
import { createSeal } from '../seal.js';
import type { Face } from './face.js';
import { onDemandFace, type OnDemandDependencies } from './on-demand/on-demand-face.js';
import { ListWatch } from './transparent/list-watch.js';
import { MergedOffers } from './transparent/merged-offers.js';
import { OfferRoutes } from './transparent/offer-routes.js';
import { ResourceSubscriptions } from './transparent/resource-subscriptions.js';
import { TransparentLists } from './transparent/transparent-lists.js';
import { transparentFace } from './transparent/transparent-face.js';

export interface FaceDependencies {
  readonly servers: ServerSet;
  readonly offers: ToolOffers;
  readonly calls: GatewayCalls;
  readonly access: ServerAccess;
  readonly decisions: Decisions;
  readonly status: OnDemandDependencies['status'];
  readonly search: OnDemandDependencies['search'];
  /** Counts up whenever something may be offered otherwise than before. */
  readonly version: () => number;
  /** Where the watches over what clients have seen live. */
  readonly lists: Supervisor;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Milliseconds for which a cursor can be used. */
const cursorLifetimeMs = 3_600_000;

/** The face that the options ask for. */
export function chosenFace(options: GatewayOptions, dependencies: FaceDependencies): Face {
  const { servers, offers, calls, access, decisions, version, logger, clock, lists } = dependencies;
  const { face = 'on-demand', prefix = 'auto', separator = defaultSeparator, envelope = 'content' } = options;
  const viewerOf = access.viewerOf.bind(access);
  if (face === 'on-demand') {
    const { search, status } = dependencies;
    return onDemandFace({ servers, offers, calls, decisions, viewerOf, envelope, status, search });
  }
  const merged = new MergedOffers({
    servers,
    offers,
    version,
    logger,
    now: () => clock.now(),
    naming: () => ({ separator, isPrefixed: isPrefixed(prefix, servers.names().length) }),
  });
  const watch = new ListWatch(lists);
  const seal = createSeal({ lifetimeMs: cursorLifetimeMs, now: () => clock.now() });
  return transparentFace({
    servers,
    routes: new OfferRoutes({ offers: merged, decisions, viewerOf }),
    lists: new TransparentLists({ offers: merged, watch, seal }),
    calls,
    watch,
    subscriptions: new ResourceSubscriptions(servers, (agent, server) => offers.admitServer(agent, server).allowed),
    admitServer: (agent, server) => offers.admitServer(agent, server),
    decisions,
  });
}
