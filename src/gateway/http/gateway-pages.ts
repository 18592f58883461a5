import type { HttpPage, PageContent } from '../../serving/http/http-page.js';

/** What a gateway shows of itself over HTTP. */
export interface GatewayPages {
  /** Whether it takes calls: false while it starts. */
  readonly isReady: () => boolean;
  /** The metrics as text, and the media type of that; absent: there is no such page. */
  readonly metrics?: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** `/ready` and `/metrics`, for those whom `/mcp` would let in. */
export function statePages({ isReady, metrics }: GatewayPages): [string, HttpPage][] {
  const ready: HttpPage = {
    readers: 'client',
    content: (phase) => {
      if (phase === 'draining') return state(503, 'draining');
      return isReady() ? state(200, 'ready') : state(503, 'starting');
    },
  };
  if (metrics === undefined) return [['/ready', ready]];
  const shown: HttpPage = { readers: 'client', content: async () => ({ status: 200, ...(await metrics()) }) };
  return [
    ['/ready', ready],
    ['/metrics', shown],
  ];
}

function state(status: number, word: string): PageContent {
  return { status, type: 'application/json', text: JSON.stringify({ status: word }) };
}
