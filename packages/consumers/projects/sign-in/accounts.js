/** Stands in for the accounts of an application. Only Ada has opened the link that verifies her address. */
const accounts = [
  { id: 'u-1', email: 'ada@example.com', emailVerified: true },
  { id: 'u-2', email: 'bo@example.com', emailVerified: false },
];

export const findAccount = (id) => accounts.find((account) => account.id === id);

/** The user for the routes, or `null` for a signed-out caller. */
export const userOf = (account) =>
  account ? { id: account.id, email: account.emailVerified ? account.email : null } : null;
