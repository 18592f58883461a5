/** `POST /control`. `expect` is the state on which it was decided. */
export type ControlRequest =
  | { readonly do: 'retry' | 'close'; readonly actor: string; readonly expect: string }
  | { readonly do: 'enable' | 'disable'; readonly plugin: string; readonly expect: string }
  | { readonly do: 'setMode'; readonly plugin: string; readonly mode: string; readonly expect: string }
  | { readonly do: 'reload' };

/** What came of a {@link ControlRequest}. */
export type ControlAnswer =
  | { readonly ok: true; readonly said: string }
  | { readonly ok: false; readonly status: 409; readonly now: string }
  | { readonly ok: false; readonly status: 400 | 403 | 404 | 429 | 500; readonly said: string };
