/** A duration to the hundredth where that tells something: `0.21 ms`, `12.86 ms`, `504 ms`, `12.3 s`. */
export function exactMs(ms: number): string {
  return ms < 100 ? `${ms.toFixed(2)} ms` : roundMs(ms);
}

/** The same at a glance: `0.2 ms`, `12.9 ms`, `504 ms`, `12.3 s`. */
export function roundMs(ms: number): string {
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 9_999.5) return `${Math.round(ms).toLocaleString('en')} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}
