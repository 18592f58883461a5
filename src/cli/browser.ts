import type { CommandIo } from './command-io.js';

/** Opens an address in the browser of the person who sits here. Rejects, or says on standard error, where there is none. */
export async function openBrowser(address: string, { stderr }: Pick<CommandIo, 'stderr'>): Promise<void> {
  const child = await (await import('open')).default(address);
  child.on('error', (error) => stderr.write(`No browser: ${error.message}\n`));
}
