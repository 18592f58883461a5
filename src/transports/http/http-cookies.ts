import type { IncomingHttpHeaders } from 'node:http';
import { CookieJar } from 'tough-cookie';

/** A server that sets more, or longer ones, is not to fill our memory and the headers of each request. */
const mostNames = 50;
const longestCookie = 4096;
// oxlint-disable-next-line no-control-regex -- what else a header may hold
const headerText = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/**
 * The cookies of one session, which are given back where they are meant for: by those a balancer knows, most of all, which
 * of its servers has our session. They end with the session.
 */
export class HttpCookies {
  #jar: CookieJar | undefined;
  readonly #names = new Set<string>();

  keep({ 'set-cookie': set }: IncomingHttpHeaders, url: URL): void {
    // undici gives one alone as it is, which the types do not say.
    for (const cookie of [set ?? []].flat()) {
      const name = cookie.split(/[=;]/, 1)[0]?.trim() ?? '';
      const isKnown = this.#names.has(name);
      if (cookie.length > longestCookie || !headerText.test(cookie) || (!isKnown && this.#names.size >= mostNames))
        continue;
      this.#jar ??= new CookieJar();
      if (this.#jar.setCookieSync(cookie, url.href, { ignoreError: true }) !== undefined) this.#names.add(name);
    }
  }

  /** The value of `cookie` for a request, empty where there is none to give. */
  headerFor(url: URL): string {
    return this.#jar?.getCookieStringSync(url.href) ?? '';
  }
}
