export const which = "newer";
