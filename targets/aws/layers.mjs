// Lays layers under a function's own code: Lambda unpacks them in /opt, where `import` never looks.

import { createRequire, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MISSING = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT']);

/** Lets `import` and `require` look in the layers for what the function's own folders don't hold. */
export function lay(task = process.env.LAMBDA_TASK_ROOT ?? process.cwd(), root = '/opt') {
  const own = pathToFileURL(`${task}/`).href;
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!MISSING.has(error.code) || !context.parentURL?.startsWith(own)) throw error;
        const file = found(specifier, context.parentURL.slice(own.length), root);
        if (file === null) throw error;
        // `require` takes paths, `import` addresses.
        return next(error.code === 'MODULE_NOT_FOUND' ? file : pathToFileURL(file).href, context);
      }
    },
  });
}

/** Returns the file that `specifier` means in the layers, where a file at `place` of the function's code asks for it. */
function found(specifier, place, root) {
  for (const layer of [root, `${root}/nodejs`]) {
    const from = fileURLToPath(new URL(place, pathToFileURL(`${layer}/`)));
    try {
      return createRequire(from).resolve(specifier);
    } catch (error) {
      if (!MISSING.has(error.code)) throw error;
    }
  }
  return null;
}
