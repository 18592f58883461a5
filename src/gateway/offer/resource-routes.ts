import { longestUri } from './name-faults.js';
import type { Offer } from './offered-names.js';
import { matchesTemplate } from './uri-templates.js';

/** Which server a read of a URI goes to, or why to none. */
export type ResourceRoute =
  | { readonly kind: 'server'; readonly server: string }
  | { readonly kind: 'unknown' }
  /** More than one server could mean it. */
  | { readonly kind: 'ambiguous'; readonly servers: readonly string[] };

/**
 * Routes URIs: by what is listed, else by the templates. A URI that was not offered because two servers list it is
 * ambiguous, whatever templates say.
 */
export function resourceRoutes(resources: Offer, templates: Offer): (uri: string) => ResourceRoute {
  const collided = new Map(
    resources.problems.flatMap((problem) =>
      problem.kind === 'collision' ? [[problem.name, problem.listed.map(({ server }) => server)]] : [],
    ),
  );
  const patterns = [
    ...templates.items.map(({ original, server }) => ({ matches: matchesTemplate(original), servers: [server] })),
    // Nor can it be told whose a URI is that comes of a template of two servers.
    ...templates.problems.flatMap((problem) =>
      problem.kind === 'collision'
        ? [{ matches: matchesTemplate(problem.name), servers: problem.listed.map(({ server }) => server) }]
        : [],
    ),
  ];
  return (uri) => {
    if (uri.length > longestUri) return { kind: 'unknown' };
    const listed = resources.table.get(uri);
    const found = listed === undefined ? collided.get(uri) : [listed.server];
    return routeTo(found ?? patterns.filter(({ matches }) => matches(uri)).flatMap(({ servers }) => servers));
  };
}

function routeTo(found: readonly string[]): ResourceRoute {
  const servers = [...new Set(found)];
  const [server, ...others] = servers;
  if (server === undefined) return { kind: 'unknown' };
  return others.length === 0 ? { kind: 'server', server } : { kind: 'ambiguous', servers };
}
