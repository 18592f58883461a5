import { fileURLToPath } from 'node:url';

/** Where Python finds the suite's modules. */
export const pythonPath = fileURLToPath(new URL('python', import.meta.url));
