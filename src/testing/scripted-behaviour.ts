/**
 * What a {@link ScriptedTransport} does when it is asked to open. Times are milliseconds on its clock, default 0; a link
 * with `livesMs` ends by itself that long after it was opened.
 */
export type OpenBehaviour =
  | { readonly kind: 'opens'; readonly afterMs?: number; readonly livesMs?: number | undefined }
  /** Does not hear that it was given up, and opens then all the same. */
  | { readonly kind: 'opensLate'; readonly afterMs: number }
  | { readonly kind: 'rejects'; readonly afterMs?: number }
  /** Neither opens nor fails until it is given up. */
  | { readonly kind: 'hangs' }
  /** The test decides, through {@link ScriptedTransport.openings}. */
  | { readonly kind: 'waits' };

/** What a {@link ScriptedLink} does with a request. */
export type RequestBehaviour =
  | { readonly kind: 'answers'; readonly afterMs?: number }
  /** Does not hear that nobody waits any more, and answers then all the same. */
  | { readonly kind: 'answersLate'; readonly afterMs: number }
  | { readonly kind: 'refuses'; readonly afterMs?: number }
  | { readonly kind: 'isNotSent'; readonly afterMs?: number }
  | { readonly kind: 'losesSession'; readonly afterMs?: number }
  /** This request fails with an unknown outcome; the link goes on. */
  | { readonly kind: 'isCutOff'; readonly afterMs?: number }
  /** The link ends under this request and all others. */
  | { readonly kind: 'endsLink'; readonly afterMs?: number }
  /** Is never answered. */
  | { readonly kind: 'hangs' }
  /** The test decides, through {@link ScriptedLink.requests}. */
  | { readonly kind: 'waits' };

/** What a {@link ScriptedLink} does when it is asked whether the server is there. */
export type PingBehaviour =
  | { readonly kind: 'answers'; readonly afterMs?: number }
  | { readonly kind: 'fails'; readonly afterMs?: number }
  | { readonly kind: 'hangs' };

/** What a {@link ScriptedLink} does when it is closed. */
export type CloseBehaviour =
  | { readonly kind: 'closes'; readonly afterMs?: number }
  /** The test decides, with {@link ScriptedLink.finishClosing}. */
  | { readonly kind: 'waits' };

/** What a healthy server does. */
export const healthy = {
  open: { kind: 'opens' },
  request: { kind: 'answers' },
  ping: { kind: 'answers' },
  close: { kind: 'closes' },
} as const satisfies {
  open: OpenBehaviour;
  request: RequestBehaviour;
  ping: PingBehaviour;
  close: CloseBehaviour;
};

/** Behaviours that come first, each once, and one for all the rest. */
export class Script<Behaviour> {
  readonly #queue: Behaviour[] = [];
  #usual: Behaviour;

  constructor(usual: Behaviour) {
    this.#usual = usual;
  }

  /** Behaves so the next `times` times. */
  next(behaviour: Behaviour, times = 1): void {
    for (let i = 0; i < times; i++) this.#queue.push(behaviour);
  }

  /** Behaves so whenever nothing else was asked for. */
  always(behaviour: Behaviour): void {
    this.#queue.length = 0;
    this.#usual = behaviour;
  }

  take(): Behaviour {
    return this.#queue.shift() ?? this.#usual;
  }
}
