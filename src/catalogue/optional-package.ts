/**
 * What the import of a package that is installed only where it is used rejects with where it is missing:
 * `await import('name').catch(missingPackage('name'))`. Written like that, bundlers keep an import that they cannot resolve,
 * so that programs can be bundled that have no use for it.
 *
 * @param name the package, for the message
 * @returns a function that throws Error where the package is missing, with what installs it, else what the import has thrown
 */
export function missingPackage(name: string): (error: unknown) => never {
  return (error) => {
    if (isMissing(name, error)) {
      throw new Error(`it needs the package ${name}: npm install ${name}`, { cause: error });
    }
    throw error;
  };
}

/** Whether an import failed for want of this package, and not of one that this package needs. */
function isMissing(name: string, error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes(`'${name}'`)
  );
}
