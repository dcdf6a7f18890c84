export const cents = (amount) => Math.round(amount * 100);
