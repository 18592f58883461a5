/** The views, in the order in which the keys 1 to 7 and the rail have them. */
export const viewNames = [
  'overview',
  'connections',
  'invocations',
  'plugins',
  'events',
  'recording',
  'machines',
] as const;

export type ViewName = (typeof viewNames)[number];

/** What is looked at: all of it stands in the address, so that it can be sent to somebody. */
export interface Route {
  readonly view: ViewName;
  readonly id?: string;
  /** The event at which everything is held; undefined: as it is. */
  readonly seq?: number;
  readonly tab?: string;
  readonly chart?: 'map' | 'full';
  readonly filter?: string;
}

/** An address that leads nowhere, and why. */
export interface LostRoute {
  readonly problem: string;
}

const form = /^#\/([^/@?]+)(?:\/([^@?]*))?(?:@([^?]*))?(?:\?(.*))?$/s;

/** Reads `#/<view>/<id>[@<seq>][?tab=&chart=&f=]`; nothing is the overview. */
export function parseRoute(hash: string): Route | LostRoute {
  if (hash === '' || hash === '#' || hash === '#/') return { view: 'overview' };
  const [, view = '', id, seq, query = ''] = form.exec(hash) ?? [];
  if (!isViewName(view)) return { problem: `There is no view “${view === '' ? hash : decoded(view)}”.` };
  if (seq !== undefined && !/^\d{1,15}$/.test(seq)) return { problem: `“${seq}” is not the number of an event.` };
  const search = new URLSearchParams(query);
  const [tab, chart, filter] = ['tab', 'chart', 'f'].map((name) => search.get(name) ?? undefined);
  if (chart !== undefined && chart !== 'map' && chart !== 'full') {
    return { problem: `A chart is drawn as map or full, not as “${chart}”.` };
  }
  return {
    view,
    ...(id !== undefined && id !== '' && { id: decoded(id) }),
    ...(seq !== undefined && { seq: Number(seq) }),
    ...(tab !== undefined && { tab }),
    ...(chart !== undefined && { chart }),
    ...(filter !== undefined && filter !== '' && { filter }),
  };
}

export function printRoute({ view, id, seq, tab, chart, filter }: Route): string {
  const search = new URLSearchParams({
    ...(tab !== undefined && { tab }),
    ...(chart !== undefined && { chart }),
    ...(filter !== undefined && filter !== '' && { f: filter }),
  }).toString();
  return [
    `#/${view}`,
    // A colon is allowed there, and ids have one.
    id === undefined ? '' : `/${encodeURIComponent(id).replaceAll('%3A', ':')}`,
    seq === undefined ? '' : `@${seq}`,
    search === '' ? '' : `?${search}`,
  ].join('');
}

function isViewName(name: string): name is ViewName {
  return viewNames.some((view) => view === name);
}

/** As it stands, where it is not encoded as it should be. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
