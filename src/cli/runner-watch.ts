/** Milliseconds between looks at who the parent is. */
const lookEveryMs = 250;

/**
 * Ends this process as SIGTERM does when the shell is gone that npx, or `npm run`, has started it in. npm passes a signal on
 * to that shell and to nobody else, which leaves a server that nobody knows of.
 */
export function endWithRunner(process: Pick<NodeJS.Process, 'env' | 'pid' | 'ppid' | 'kill'>): void {
  if (!isRunByNpm(process.env)) return;
  const { ppid } = process;
  const timer = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, lookEveryMs);
  timer.unref();
}

/** What a script puts into the background is meant to outlive its shell, and what another program starts has its own parent. */
function isRunByNpm({ npm_lifecycle_script: script = '' }: NodeJS.ProcessEnv): boolean {
  return /^\s*(?:npx\s+)?["']?gatechart["']?(?:\s|$)/.test(script) && !/&\s*$/.test(script);
}
