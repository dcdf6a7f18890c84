// What Lambda calls for every function; FNC_FUNCTION says for which one.

import { lay } from './layers.mjs';
import { config_of, serve } from './shim.mjs';

lay();

export const handler = await serve(config_of(process.env.FNC_FUNCTION));
