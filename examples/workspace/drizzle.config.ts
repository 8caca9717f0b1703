/** The configuration of `npm run migration`, which writes a migration for the changes in the schema. */
export default {
  dialect: 'postgresql',
  casing: 'snake_case',
  schema: './server/domain/schema.ts',
  out: './migrations',
};
