/** Read by `npm run migration`, which writes the next migration from what has changed in the schema. */
export default {
  dialect: 'postgresql',
  casing: 'snake_case',
  schema: './server/domain/schema.ts',
  out: './migrations',
};
