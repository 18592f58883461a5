/** A request, in what the hooks are told of it. */
export interface HttpFacts {
  readonly method: string;
  /** With its query, which hooks are not shown. */
  readonly url: string;
  /** All of them, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clientHost: string | undefined;
  readonly clientPort: number | undefined;
}

/** An answer before its first byte. */
export interface HttpHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer to a request that does not pass. */
export interface HttpRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** What plugins want on a request that passes, or on its answer. */
export interface HttpPass {
  readonly headers: Readonly<Record<string, string>>;
}

export function isHttpRefusal(verdict: HttpPass | HttpRefusal): verdict is HttpRefusal {
  return 'status' in verdict;
}

/**
 * The path that handlers are found by. A request may name all of its target (`GET http://host/path`), and a fragment, which
 * frameworks leave out: plugins must not be shown another path than handlers.
 */
export function pathOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const [, absolute] = /^[a-z][a-z\d+.-]*:\/\/[^/]*(.*)$/i.exec(path) ?? [];
  return absolute === '' ? '/' : (absolute ?? path);
}
