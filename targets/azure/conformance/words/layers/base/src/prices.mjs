export const which = "base";
