// In both layers: the later one's counts.
import { which } from "./prices.mjs";

export function handle() {
  if (which !== "newer") throw new Error(which);
  return { statusCode: 200, body: which };
}
