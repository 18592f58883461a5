/** A promise and the functions that settle it. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  /** Later calls do nothing. */
  readonly resolve: (value: Value) => void;
  readonly reject: (reason: unknown) => void;
}

/** A promise that is settled from outside. */
export function deferred<Value = void>(): Deferred<Value> {
  let resolve: (value: Value) => void = notYet;
  let reject: (reason: unknown) => void = notYet;
  const promise = new Promise<Value>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

/** Replaced before anybody has it; one for all, because calls have a promise like this each. */
function notYet(): void {}
