const users = [
  { id: 'u-1', email: 'ada@example.com' },
  { id: 'u-2', email: 'bo@example.com' },
];

/** Your session lookup. This example believes what an `x-user` header says, which your application must not. */
export function findUser(id: string | undefined) {
  return users.find((user) => user.id === id);
}
