import { fileURLToPath } from 'node:url';

/** What Node says of an ES module that it takes for CommonJS. */
const esModuleSyntax = /^Cannot use import statement outside a module|^Unexpected token 'export'/;

/** What to do about a module that Node cannot read, where its own message does not say: words that follow it. */
export function whereToLook(error: unknown, url: string): string {
  if (isUnreadTypeScript(error, url)) {
    return `; Node ${process.versions.node} reads no TypeScript: use Node 22.18 or newer, put tsx before it (npm install tsx, then NODE_OPTIONS="--import tsx"), or name a compiled file`;
  }
  if (error instanceof SyntaxError && esModuleSyntax.test(error.message)) {
    return '; it is written as an ES module, and its package.json says otherwise: set "type": "module" there, or call the file .mjs';
  }
  // Node keeps the place of a syntax error to itself, unless it runs the file.
  if (!(error instanceof SyntaxError) || !url.startsWith('file:')) return '';
  return ` (\`node ${fileURLToPath(url)}\` shows where)`;
}

function isUnreadTypeScript(error: unknown, url: string): boolean {
  if (!/\.[mc]?tsx?$/.test(url)) return false;
  return error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION';
}
