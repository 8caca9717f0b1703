const users = [
  { id: 'u-1', email: 'ada@example.com' },
  { id: 'u-2', email: 'bo@example.com' },
];

/** Stands in for your session lookup. This example trusts the header `x-user`. Your application must not. */
export function findUser(id: string | undefined) {
  return users.find((user) => user.id === id) ?? null;
}
