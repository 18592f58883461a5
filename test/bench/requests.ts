/** What the benchmarks send. */
export const payload = { name: 'echo', args: { message: 'hello', count: 3 } };
export const context = { requestId: 'request-1' };
